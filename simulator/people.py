"""Who comes on a day for the first time, and everything these people will ever do.

A day's newcomers depend on the seed and the day alone. So a later moment reveals more of the same
lives, and no part of what was seen before changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from simulator import phones
from simulator.crm import ContactLife, Pipeline, follow
from simulator.draws import generator, poisson
from simulator.nouns import Contact, Customer, Deal, Order, Product, Visit
from simulator.origins import LEAD, NEWCOMER, RETURNING, Origins
from simulator.persons import Person, invent, typed, typed_phone
from simulator.seasons import day_of, demand, midnight, seconds_of_day
from simulator.shop import Till
from simulator.web import Web, as_the_shop_saw, some_days_later

# per ordinary day at scale 1
_STRANGERS = 92.0  # look around and leave
_BUYERS = 2.6  # will buy sooner or later, many again
_LEADS = 5.0
_WALK_INS = 0.45  # buy in a store and leave no name

_HORIZON = timedelta(days=900)  # nobody is followed for longer
# … and who shares a device for less than a year: visits of years ago are not loaded, and must not be missed
_SHARED_HORIZON = timedelta(days=300)


@dataclass(slots=True)
class Lives:
    """What the newcomers of one day will ever do."""

    visits: list[Visit] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    store_orders: list[Order] = field(default_factory=list)
    customers: list[Customer] = field(default_factory=list)
    contacts: list[ContactLife] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)


def newcomers(seed: int, scale: float, day_number: int, origins: Origins, products: Sequence[Product]) -> Lives:
    day = _Day(seed, day_number, origins, products)
    busy = scale * demand(day_of(day_number))
    rng = day.rng
    day.strangers(poisson(rng, _STRANGERS * busy))
    for _ in range(poisson(rng, _BUYERS * busy)):
        day.buyer()
    for _ in range(poisson(rng, _LEADS * busy)):
        day.lead()
    for _ in range(poisson(rng, _WALK_INS * busy)):
        day.walk_in()
    return day.lives


class _Day:
    def __init__(self, seed: int, number: int, origins: Origins, products: Sequence[Product]) -> None:
        self.rng = generator(seed, "people", number)
        self.lives = Lives()
        self._number = number
        self._date = day_of(number)
        self._midnight = midnight(self._date)
        self._origins = origins
        self._till = Till(self.rng, number, products)
        self._pipeline = Pipeline(self.rng, number)
        self._web = Web(self.rng, number, origins, self.lives.visits)
        self._people = self._with_phone = self._customers = 0
        self._family = ""  # the device of the buyer before

    # -- who comes ------------------------------------------------------------------------------

    def strangers(self, count: int) -> None:
        rng = self.rng
        for origin in self._origins.draw(rng, self._date, NEWCOMER, count):
            self._people += 1
            visitor = f"u{self._number:05d}a{self._people:06d}"
            at = self._midnight + timedelta(seconds=seconds_of_day(rng))
            self._web.visit(at, visitor, origin)
            while rng.random() < 0.24:
                at = some_days_later(rng, at, 12)
                self._web.visit(at, visitor, self._web.origin(at, RETURNING))

    def buyer(self) -> None:
        rng = self.rng
        person = self._person()
        horizon = _SHARED_HORIZON if self._shares_a_device(person) else _HORIZON
        count = rng.choices((1, 2, 3, 4, 6), (30, 28, 20, 14, 8))[0]
        journey = self._web.journey(person, self._start(), count, NEWCOMER)
        with_account = rng.random() < 0.66
        nameless = rng.random() < 0.12  # leaves no address unless an account is opened
        again = rng.betavariate(1.4, 2.2)
        oddity = rng.random()
        purchases = 0
        while True:
            at = journey[-1].started_at + timedelta(seconds=rng.randint(240, 2400))
            if at - self._midnight > horizon:
                return
            purchases += 1
            self._purchase(
                person,
                at,
                journey,
                with_account=with_account,
                anonymous=nameless and not with_account,
                oddity=oddity,
                nth=purchases,
            )
            if rng.random() > again:
                return
            with_account = with_account or rng.random() < 0.15
            start = some_days_later(rng, at, 5 + rng.gammavariate(1.6, 38))
            journey = self._web.journey(person, start, rng.choices((1, 2, 3), (60, 28, 12))[0], RETURNING)

    def lead(self) -> None:
        rng = self.rng
        person = self._person()
        start = self._start()
        if rng.random() < 0.07:  # met at a fair: no visit, no address
            life = self._add_contact(person, "", start, "", [])
            if rng.random() < 0.3:  # buys in a store: the phone tells that it is the same person
                at = some_days_later(rng, start, 20).replace(hour=10 + start.hour % 8)
                self._at_the_till(at, None, typed(rng, person) if rng.random() < 0.5 else "", typed_phone(rng, person))
        else:
            journey = self._web.journey(person, start, rng.choices((1, 2, 3, 4), (38, 30, 20, 12))[0], LEAD)
            email = person.second_email() if rng.random() < 0.15 else typed(rng, person)
            form = self._web.visit(
                journey[-1].started_at + timedelta(minutes=rng.randint(31, 90)), person.visitor_id,
                self._web.origin(journey[-1].started_at, LEAD), email=email, tracked=True,
            )  # fmt: skip
            channel = next((v.channel for v in (form, *reversed(journey)) if v.channel != "Direct"), "Direct")
            at = form.started_at + timedelta(seconds=rng.randint(20, 500))
            life = self._add_contact(person, email, at, channel, [*journey, form])
            if form.click_id and rng.random() < 0.1:
                self._web.pass_on(form, [f"{person.visitor_id}c{n}" for n in range(rng.randint(1, 4))])
            self._nurture(person, life.contact)
        duplicate = self._duplicate(person, life) if rng.random() < 0.1 else None
        self._deal(life, duplicate)
        if life.contact.email and rng.random() < 0.14:  # buys for the home too
            start = some_days_later(rng, life.contact.created_at, 25)
            journey = self._web.journey(person, start, rng.randint(1, 3), RETURNING)
            at = journey[-1].started_at + timedelta(seconds=rng.randint(240, 2400))
            self._purchase(person, at, journey, with_account=rng.random() < 0.5)

    def walk_in(self) -> None:
        rng = self.rng
        person = self._person()
        email = rng.choices(("", "n/a", typed(rng, person)), (70, 8, 22))[0]
        at = self._midnight + timedelta(seconds=rng.randint(9 * 3600, 18 * 3600))
        self._at_the_till(at, None, email, phones.SHOP if rng.random() < 0.2 else "")

    # -- what they do ---------------------------------------------------------------------------

    def _purchase(
        self,
        person: Person,
        at: datetime,
        journey: list[Visit],
        *,
        with_account: bool,
        anonymous: bool = False,
        oddity: float = 1.0,
        nth: int = 1,
    ) -> None:
        """The `nth` purchase of a person, mostly on the web. `oddity` is a number of the person in
        0..1: low ones have a second account, or a second mailbox."""
        rng = self.rng
        email = "" if anonymous else typed(rng, person)
        if rng.random() < 0.14:
            at = at.replace(hour=9 + at.hour % 9) + timedelta(days=1)
            known_by = rng.random()
            customer = person.customer if known_by < 0.45 else None
            left = email if 0.35 < known_by < 0.75 else ""
            if left and rng.random() < 0.05:  # a slip at the counter
                left = f" {left} "
            phone = typed_phone(rng, person) if known_by > 0.9 else phones.SHOP if rng.random() < 0.15 else ""
            self._at_the_till(at, customer, left, phone)
            return
        if not with_account:
            self._order(at, None, email, typed_phone(rng, person) if anonymous else "", journey)
            return
        if person.customer is None or (oddity < 0.03 and nth == 2):  # the second account of the same person
            address = email if person.customer is None else person.tagged("again")
            self._customers += 1
            opened = at - timedelta(seconds=rng.randint(30, 200))
            customer_id = str(6 * 10**12 + self._number * 10**6 + self._customers)
            person.customer = Customer(
                customer_id, address, person.phone, person.first_name, person.last_name, opened, opened
            )
            self.lives.customers.append(person.customer)
        if 0.03 < oddity < 0.07 and nth >= 2:  # the same account, another mailbox
            email = person.second_email()
        self._order(at, person.customer, email, person.phone, journey)

    def _at_the_till(self, at: datetime, customer: Customer | None, email: str, phone: str) -> None:
        """An order in a store; some who are known there look it up on the store's tablet, and so do passers-by."""
        orders = self._till.store_order(at, customer, email, phone)
        self.lives.store_orders += orders
        if self.rng.random() < 0.25:
            customer_id = customer.customer_id if customer else ""
            left = email if "@" in email else ""
            self._web.at_the_counter(at + timedelta(minutes=3), orders[0].store_id, customer_id, left)

    def _order(self, at: datetime, customer: Customer | None, email: str, phone: str, journey: list[Visit]) -> None:
        recent = [visit for visit in journey if at - visit.started_at <= timedelta(days=30)]
        seen = [as_the_shop_saw(visit) for visit in recent if self.rng.random() > 0.08]
        self.lives.orders.append(self._till.web_order(at, customer, email, phone, seen))

    def _add_contact(self, person: Person, email: str, at: datetime, channel: str, journey: list[Visit]) -> ContactLife:
        life = self._pipeline.contact(person, email, at, channel, self._pipeline.stages(at))
        clicks = {visit.source: visit.click_id for visit in journey if visit.click_id}  # the newest of each source
        life.contact = replace(
            life.contact,
            google_click_id=clicks.pop("google", ""),
            facebook_click_id=next(reversed(clicks.values()), ""),
        )
        self.lives.contacts.append(life)
        return life

    def _nurture(self, person: Person, contact: Contact) -> None:
        """Some leads come back by the letters they get; such a visit tells who it is."""
        at = contact.created_at
        while self.rng.random() < 0.4:
            at = some_days_later(self.rng, at, 20)
            self._web.visit(at, person.visitor_id, self._web.origin(at, RETURNING), email=contact.email)

    def _duplicate(self, person: Person, life: ContactLife) -> ContactLife | None:
        """The same person as a second contact, found and merged into the first some time later.

        Only with an address that reads as the same one, or with none: what a merged contact alone
        knew is no longer visible afterwards, and must not have linked anything else.
        """
        rng = self.rng
        at = some_days_later(rng, life.contact.created_at, 25)
        names = [stage for stage, _ in life.contact.stages]
        if len(set(names)) < len(names):
            return None
        email = person.tagged("trade") if life.contact.email and rng.random() < 0.6 else ""
        if email:
            before, origin = at - timedelta(minutes=6), self._web.origin(at, LEAD)
            self._web.visit(before, person.visitor_id, origin, email=email, tracked=True)
        other = self._pipeline.contact(person, email, at, "" if not email else "Direct", (("lead", at),))
        other.merge_into(life, some_days_later(rng, at, 35))
        self.lives.contacts.append(other)
        return other

    def _deal(self, life: ContactLife, duplicate: ContactLife | None) -> None:
        rng = self.rng
        stage, since = life.contact.stages[-1]
        if stage != "salesqualifiedlead" or rng.random() > 0.68:
            return
        owner = life
        if duplicate is not None and duplicate.contact.created_at < since + timedelta(days=30) and rng.random() < 0.6:
            owner, since = duplicate, max(since, duplicate.contact.created_at)
        contact_ids = (owner.contact.contact_id,)
        deal = self._pipeline.deal(since, contact_ids)
        follow(owner, deal)
        chance = rng.random()
        if chance < 0.05:  # nobody said whose it is
            deal = replace(deal, contact_ids=())
        elif chance < 0.14:
            colleague = self._person()
            second = self._pipeline.contact(
                colleague, colleague.email, deal.created_at, "", (("opportunity", deal.created_at),)
            )
            self.lives.contacts.append(second)
            deal = replace(deal, contact_ids=(*contact_ids, second.contact.contact_id))
        self.lives.deals.append(deal)

    # -- small helps ----------------------------------------------------------------------------

    def _person(self) -> Person:
        self._people += 1
        self._with_phone += 1
        return invent(self.rng, self._number, self._people, phones.number(self._number, self._with_phone - 1))

    def _shares_a_device(self, person: Person) -> bool:
        """Some of a day's buyers live together, two or more of them, and have one computer."""
        shares = bool(self._family) and self.rng.random() < 0.3
        if shares:
            person.visitor_id = self._family
        self._family = person.visitor_id
        return shares

    def _start(self) -> datetime:
        return self._midnight + timedelta(seconds=seconds_of_day(self.rng))
