"""Who comes on a day for the first time, and everything these people will ever do.

A day's newcomers depend on the seed and the day alone. So a later moment reveals more of the same
lives, and no part of what was seen before changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from simulator.crm import ContactLife, Pipeline, follow
from simulator.draws import generator, poisson
from simulator.nouns import Customer, Deal, Order, Product, Visit
from simulator.origins import LEAD, NEWCOMER, RETURNING, Origin, Origins, landing
from simulator.persons import Person, invent, typed
from simulator.seasons import day_of, demand, midnight, seconds_of_day
from simulator.shop import Till

# per ordinary day at scale 1
_STRANGERS = 92.0  # look around and leave
_BUYERS = 2.6  # will buy sooner or later, many again
_LEADS = 5.0
_WALK_INS = 0.45  # buy in a store and leave no name

_UNTRACKED = 0.07  # of visits: refused consent, blockers; the shop itself still sees them
_HORIZON = timedelta(days=900)  # nobody is followed for longer


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
        self._people = self._visits = self._customers = 0

    # -- who comes ------------------------------------------------------------------------------

    def strangers(self, count: int) -> None:
        rng = self.rng
        for origin in self._origins.draw(rng, self._date, NEWCOMER, count):
            self._people += 1
            visitor = f"u{self._number:05d}a{self._people:06d}"
            at = self._midnight + timedelta(seconds=seconds_of_day(rng))
            self._visit(at, visitor, origin)
            while rng.random() < 0.24:
                at = self._some_days_later(at, 12)
                self._visit(at, visitor, self._origin(at, RETURNING))

    def buyer(self) -> None:
        rng = self.rng
        person = self._person()
        journey = self._journey(person, self._start(), rng.choices((1, 2, 3, 4, 6), (30, 28, 20, 14, 8))[0], NEWCOMER)
        with_account = rng.random() < 0.66
        nameless = rng.random() < 0.12  # leaves no address unless an account is opened
        again = rng.betavariate(1.4, 2.2)
        oddity = rng.random()
        purchases = 0
        while True:
            at = journey[-1].started_at + timedelta(seconds=rng.randint(240, 2400))
            if at - self._midnight > _HORIZON:
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
            start = self._some_days_later(at, 5 + rng.gammavariate(1.6, 38))
            journey = self._journey(person, start, rng.choices((1, 2, 3), (60, 28, 12))[0], RETURNING)

    def lead(self) -> None:
        rng = self.rng
        person = self._person()
        start = self._start()
        if rng.random() < 0.07:  # met at a fair: no visit, no address
            life = self._add_contact(person, "", start, "")
        else:
            journey = self._journey(person, start, rng.choices((1, 2, 3, 4), (38, 30, 20, 12))[0], LEAD)
            email = typed(rng, person)
            form = self._visit(
                journey[-1].started_at + timedelta(minutes=rng.randint(31, 90)), person.visitor_id,
                self._origin(journey[-1].started_at, LEAD), email=email, tracked=True,
            )  # fmt: skip
            channel = next((v.channel for v in (form, *reversed(journey)) if v.channel != "Direct"), "Direct")
            life = self._add_contact(person, email, form.started_at + timedelta(seconds=rng.randint(20, 500)), channel)
            self._nurture(person, life.contact.created_at)
        duplicate = self._duplicate(person, life) if rng.random() < 0.06 else None
        self._deal(life, duplicate)
        if life.contact.email and rng.random() < 0.14:  # buys for the home too
            start = self._some_days_later(life.contact.created_at, 25)
            journey = self._journey(person, start, rng.randint(1, 3), RETURNING)
            at = journey[-1].started_at + timedelta(seconds=rng.randint(240, 2400))
            self._purchase(person, at, journey, with_account=rng.random() < 0.5)

    def walk_in(self) -> None:
        rng = self.rng
        person = self._person()
        email = rng.choices(("", "n/a", typed(rng, person)), (70, 8, 22))[0]
        at = self._midnight + timedelta(seconds=rng.randint(9 * 3600, 18 * 3600))
        self.lives.store_orders += self._till.store_order(at, None, email, "")

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
            phone = person.phone if known_by > 0.9 else ""
            self.lives.store_orders += self._till.store_order(at, customer, left, phone)
            return
        if not with_account:
            self._order(at, None, email, person.phone if anonymous else "", journey)
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

    def _order(self, at: datetime, customer: Customer | None, email: str, phone: str, journey: list[Visit]) -> None:
        recent = [visit for visit in journey if at - visit.started_at <= timedelta(days=30)]
        seen = [_as_the_shop_saw(visit) for visit in recent if self.rng.random() > 0.08]
        self.lives.orders.append(self._till.web_order(at, customer, email, phone, seen))

    def _add_contact(self, person: Person, email: str, at: datetime, channel: str) -> ContactLife:
        life = self._pipeline.contact(person, email, at, channel, self._pipeline.stages(at))
        self.lives.contacts.append(life)
        return life

    def _nurture(self, person: Person, since: datetime) -> None:
        """Some leads come back by the letters they get; such a visit tells who it is."""
        at = since
        while self.rng.random() < 0.4:
            at = self._some_days_later(at, 20)
            self._visit(at, person.visitor_id, self._origin(at, RETURNING), email=typed(self.rng, person))

    def _duplicate(self, person: Person, life: ContactLife) -> ContactLife | None:
        """The same person as a second contact, found and merged into the first some time later.

        Only with an address that reads as the same one, or with none: what a merged contact alone
        knew is no longer visible afterwards, and must not have linked anything else.
        """
        rng = self.rng
        at = self._some_days_later(life.contact.created_at, 25)
        names = [stage for stage, _ in life.contact.stages]
        if len(set(names)) < len(names):
            return None
        email = person.tagged("trade") if life.contact.email and rng.random() < 0.6 else ""
        if email:
            self._visit(at - timedelta(minutes=6), person.visitor_id, self._origin(at, LEAD), email=email, tracked=True)
        other = self._pipeline.contact(person, email, at, "" if not email else "Direct", (("lead", at),))
        other.merge_into(life, self._some_days_later(at, 35))
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

    def _journey(self, person: Person, start: datetime, count: int, mood: int) -> list[Visit]:
        """Visits over days or weeks, oldest first; the last one is where something happens."""
        rng, at, visits = self.rng, start, []
        for number in range(count):
            if number:
                at = self._some_days_later(at, 9 if rng.random() < 0.93 else 45)
                mood = RETURNING if mood == NEWCOMER and rng.random() < 0.6 else mood
            origin = self._origin(at, mood)
            customer_id = email = ""
            if person.customer is not None and person.customer.created_at < at:
                if rng.random() < 0.45:
                    customer_id = person.customer.customer_id
                elif origin.medium == "email" and rng.random() < 0.7:
                    email = person.customer.email
            visits.append(self._visit(at, person.visitor_id, origin, customer_id, email))
        return visits

    def _visit(
        self, at: datetime, visitor: str, origin: Origin, customer_id: str = "", email: str = "", tracked: bool = False
    ) -> Visit:
        """One visit; in the tracker's records unless it escaped it (`tracked`: it surely did not).

        A visit tells the account or an address, never both, so that visits link no two identities.
        """
        rng = self.rng
        self._visits += 1
        content, term, click_id, url = landing(rng, origin)
        chance = rng.random()
        pageviews = 1 if chance < 0.4 else 1 + int(rng.expovariate(0.35))
        visit = Visit(
            f"v{self._number:05d}{self._visits:07d}", at, visitor, customer_id, email, origin.source, origin.medium,
            origin.campaign, content, term, click_id, url, origin.referrer, pageviews, pageviews > 1 or chance < 0.12,
            origin.channel,
        )  # fmt: skip
        if tracked or rng.random() > _UNTRACKED:
            self.lives.visits.append(visit)
        return visit

    # -- small helps ----------------------------------------------------------------------------

    def _person(self) -> Person:
        self._people += 1
        return invent(self.rng, self._number, self._people)

    def _start(self) -> datetime:
        return self._midnight + timedelta(seconds=seconds_of_day(self.rng))

    def _origin(self, at: datetime, mood: int) -> Origin:
        return self._origins.draw(self.rng, at.date(), mood, 1)[0]

    def _some_days_later(self, at: datetime, usual_days: float) -> datetime:
        """A busy hour of a later day (at least the next one)."""
        days = 1 + int(self.rng.expovariate(1 / usual_days))
        return midnight((at + timedelta(days=days)).date()) + timedelta(seconds=seconds_of_day(self.rng))


def _as_the_shop_saw(visit: Visit) -> Visit:
    """The shop counts visits for itself, under ids of its own, and knows no visitor or address by them."""
    number = 9 * 10**12 + int(visit.visit_id[1:])
    return replace(visit, visit_id=str(number), visitor_id="", customer_id="", email="")
