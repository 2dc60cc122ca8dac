"""Visits to the site: whole journeys of a person, a link that is passed on, the tablet on a store's counter."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from simulator.nouns import Visit
from simulator.origins import DIRECT, NEWCOMER, RETURNING, Origin, Origins, landing
from simulator.persons import Person
from simulator.seasons import midnight, seconds_of_day

_UNTRACKED = 0.07  # of visits: refused consent, blockers; the shop itself still sees them


class Web:
    """Makes the visits of one day's newcomers; `tracked` takes those that the tracker has."""

    def __init__(self, rng: Random, number: int, origins: Origins, tracked: list[Visit]) -> None:
        self._rng = rng
        self._number = number
        self._origins = origins
        self._tracked = tracked
        self._count = 0

    def journey(self, person: Person, start: datetime, count: int, mood: int) -> list[Visit]:
        """Visits over days or weeks, oldest first; the last one is where something happens."""
        rng, at, visits = self._rng, start, []
        for number in range(count):
            if number:
                at = some_days_later(rng, at, 9 if rng.random() < 0.93 else 45)
                mood = RETURNING if mood == NEWCOMER and rng.random() < 0.6 else mood
            origin = self.origin(at, mood)
            customer_id = email = ""
            if person.customer is not None and person.customer.created_at < at:
                if rng.random() < 0.45:
                    customer_id = person.customer.customer_id
                elif origin.medium == "email" and rng.random() < 0.7:
                    email = person.customer.email
            visits.append(self.visit(at, person.visitor_id, origin, customer_id, email))
        return visits

    def visit(
        self, at: datetime, visitor: str, origin: Origin, customer_id: str = "", email: str = "", tracked: bool = False
    ) -> Visit:
        """One visit; in the tracker's records unless it escaped it (`tracked`: it surely did not).

        A visit tells the account or an address, never both. A browser forgets its visitor id twice a year.
        """
        rng = self._rng
        self._count += 1
        content, term, click_id, url = landing(rng, origin)
        chance = rng.random()
        pageviews = 1 if chance < 0.4 else 1 + int(rng.expovariate(0.35))
        visit = Visit(
            f"v{self._number:05d}{self._count:07d}", at, f"{visitor}.{at.year}{'ab'[at.month > 6]}", customer_id, email,
            origin.source, origin.medium, origin.campaign, content, term, click_id, url, origin.referrer, pageviews,
            pageviews > 1 or chance < 0.12, origin.channel,
        )  # fmt: skip
        if tracked or rng.random() > _UNTRACKED:
            self._tracked.append(visit)
        return visit

    def pass_on(self, visit: Visit, visitors: Sequence[str]) -> None:
        """Others open the link that brought the visit, ad click and all, within the hour."""
        for visitor in visitors:
            self._count += 1
            at = visit.started_at + timedelta(seconds=self._rng.randint(60, 3600))
            visit_id = f"v{self._number:05d}{self._count:07d}"
            self._tracked.append(
                replace(visit, visit_id=visit_id, started_at=at, visitor_id=visitor, customer_id="", email="")
            )

    def at_the_counter(self, at: datetime, store: str, customer_id: str, email: str) -> None:
        """Somebody looks up an order on the tablet of the store, which everybody uses."""
        self.visit(at, f"tablet-{store}", DIRECT, customer_id, "" if customer_id else email, tracked=True)

    def origin(self, at: datetime, mood: int) -> Origin:
        return self._origins.draw(self._rng, at.date(), mood, 1)[0]


def some_days_later(rng: Random, at: datetime, usual_days: float) -> datetime:
    """A busy hour of a later day (at least the next one)."""
    days = 1 + int(rng.expovariate(1 / usual_days))
    return midnight((at + timedelta(days=days)).date()) + timedelta(seconds=seconds_of_day(rng))


def as_the_shop_saw(visit: Visit) -> Visit:
    """The shop counts visits for itself, under ids of its own, and knows no visitor or address by them."""
    number = 9 * 10**12 + int(visit.visit_id[1:])
    return replace(visit, visit_id=str(number), visitor_id="", customer_id="", email="")
