"""One seeded world. `World(seed, size).as_of(moment)` shows what was visible at the moment.

The world is a function of (seed, size), begins on 2024-01-01 and has no end. Something that happened
at t is visible at every moment after t, at t itself not yet.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from threading import Lock

from simulator import adverts, market, money, office, people, searches, shop
from simulator.crm import contact_as_of, deal_as_of
from simulator.mail import Post
from simulator.nouns import (
    Account,
    AdDay,
    Campaign,
    Contact,
    CountryDay,
    Customer,
    Deal,
    Email,
    EmailEvent,
    Event,
    Order,
    Product,
    Rate,
    SearchDay,
    Visit,
)
from simulator.origins import Origins
from simulator.seasons import EPOCH, day_number, midnight

# size: how many times the people of `demo`, how many times its campaigns
SIZES = {"demo": (1.0, 1), "small": (5.0, 2), "medium": (30.0, 4), "large": (200.0, 8)}


class BeforeTheWorld(ValueError):
    """The moment lies before the end of the world's first day, or the size is unknown."""


class World:
    def __init__(self, seed: int, size: str = "demo") -> None:
        if size not in SIZES:
            raise BeforeTheWorld(f"size {size!r} is none of {', '.join(SIZES)}")
        self.seed, self.size = seed, size
        self.scale, copies = SIZES[size]
        self.plans = market.plans(copies)
        self.products = shop.products(seed)
        self._origins = Origins(self.plans)
        self._growing = Lock()  # requests are answered in threads
        self._lives: list[people.Lives] = []
        self._visits_by_day: dict[date, list[Visit]] = {}
        self._post = Post(seed)

    def as_of(self, moment: datetime) -> "Snapshot":
        """What was visible at `moment` (with an offset), in a view that never changes."""
        if moment < midnight(EPOCH + timedelta(days=1)):
            raise BeforeTheWorld(
                f"the simulated world begins on {EPOCH}: as of {moment.isoformat()} there is nothing yet; "
                f"take {EPOCH} or a later day"
            )
        return Snapshot(self, moment.astimezone(UTC))

    def lives(self, moment: datetime) -> list[people.Lives]:
        """Everybody who came before the moment, by the day they first came."""
        wanted = day_number((moment - timedelta(microseconds=1)).date()) + 1
        with self._growing:
            while len(self._lives) < wanted:
                lives = people.newcomers(self.seed, self.scale, len(self._lives), self._origins, self.products)
                self._lives.append(lives)
                for visit in lives.visits:
                    self._visits_by_day.setdefault(visit.started_at.date(), []).append(visit)
            return self._lives[:wanted]

    def post(self, moment: datetime) -> Post:
        """All letters to the contacts who came before the moment, later ones of theirs too."""
        lives = self.lives(moment)
        with self._growing:
            self._post.follow([one.contacts for one in lives])
            return self._post

    def visits(self, moment: datetime) -> list[Visit]:
        self.lives(moment)
        shown: list[Visit] = []
        for day in sorted(self._visits_by_day):
            if midnight(day) >= moment:
                break
            # people who come after the moment cannot have been here before it
            shown += [visit for visit in self._visits_by_day[day] if visit.started_at < moment]
        shown.sort(key=attrgetter("started_at", "visit_id"))
        return shown


class Snapshot:
    """A `nouns.View`. Each part is worked out when first asked for, and kept."""

    def __init__(self, world: World, moment: datetime) -> None:
        self.moment = moment
        self._world = world
        self._kept: dict[str, list] = {}

    def accounts(self, platform: str) -> list[Account]:
        return [account for account in market.ACCOUNTS if account.platform == platform]

    def campaigns(self, platform: str) -> list[Campaign]:
        """Those that have started in their account's zone."""
        shown = []
        for account in self.accounts(platform):
            today = adverts.today(account, self.moment)
            shown += [plan.as_of(today) for plan in self._plans(account) if plan.starts_on <= today]
        return shown

    def ad_days(self, platform: str, first: date, last: date) -> list[AdDay]:
        world, shown = self._world, []
        for account in self.accounts(platform):
            shown += adverts.ad_days(
                world.seed, world.scale, account, self._plans(account), max(first, EPOCH), last, self.moment
            )
        return shown

    def search_days(self, platform: str, first: date, last: date) -> list[SearchDay]:
        return list(searches.search_days(self._world.seed, self.ad_days(platform, first, last)))

    def country_days(self, platform: str, first: date, last: date) -> list[CountryDay]:
        return list(searches.country_days(self._world.seed, self.ad_days(platform, first, last)))

    def contacts(self) -> list[Contact]:
        return self._keep("contacts", self._contacts)

    def deals(self) -> list[Deal]:
        return self._keep("deals", self._deals)

    def emails(self) -> list[Email]:
        return self._keep("emails", lambda: self._world.post(self.moment).emails(self.moment))

    def email_events(self, first: datetime, last: datetime) -> list[EmailEvent]:
        return self._world.post(self.moment).events(first, last, self.moment)

    def events(self) -> list[Event]:
        return self._keep("events", lambda: list(office.events(self._world.seed, self.customers(), self.moment)))

    def products(self) -> list[Product]:
        return [product for product in self._world.products if product.created_at < self.moment]

    def customers(self) -> list[Customer]:
        return self._keep("customers", self._customers)

    def orders(self) -> list[Order]:
        return self._keep("orders", lambda: self._orders("orders"))

    def store_orders(self) -> list[Order]:
        return self._keep("store_orders", lambda: self._orders("store_orders"))

    def visits(self) -> list[Visit]:
        return self._keep("visits", lambda: self._world.visits(self.moment))

    def rates(self) -> list[Rate]:
        return self._keep("rates", lambda: money.rates(self._world.seed, self.moment))

    def _keep(self, name: str, work_out: Callable[[], list]) -> list:
        if name not in self._kept:
            self._kept[name] = work_out()
        return self._kept[name]

    def _plans(self, account: Account) -> list[market.Plan]:
        return [plan for plan in self._world.plans if plan.account is account]

    def _orders(self, kind: str) -> list[Order]:
        shown = [
            shop.order_as_of(order, self.moment)
            for lives in self._world.lives(self.moment)
            for order in getattr(lives, kind)
            if order.created_at < self.moment
        ]
        return sorted(shown, key=attrgetter("created_at", "order_id"))

    def _customers(self) -> list[Customer]:
        """A customer changes with every order placed."""
        last_order: dict[str, datetime] = {}
        for order in self.orders():  # oldest first
            if order.customer is not None:
                last_order[order.customer.customer_id] = order.created_at
        shown = [
            shop.customer_as_of(customer, last_order.get(customer.customer_id))
            for lives in self._world.lives(self.moment)
            for customer in lives.customers
            if customer.created_at < self.moment
        ]
        return sorted(shown, key=attrgetter("created_at", "customer_id"))

    def _contacts(self) -> list[Contact]:
        shown = [
            contact_as_of(life, self.moment)
            for lives in self._world.lives(self.moment)
            for life in lives.contacts
            if life.is_visible(self.moment)
        ]
        return sorted(shown, key=attrgetter("created_at", "contact_id"))

    def _deals(self) -> list[Deal]:
        survivors = {merged: contact.contact_id for contact in self.contacts() for merged in contact.merged_ids}
        shown = [
            deal_as_of(deal, self.moment, survivors)
            for lives in self._world.lives(self.moment)
            for deal in lives.deals
            if deal.created_at < self.moment
        ]
        return sorted(shown, key=attrgetter("created_at", "deal_id"))
