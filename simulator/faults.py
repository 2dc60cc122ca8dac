"""Faults on demand, for tests: what a source can be made to do wrong, and which request meets it.

`POST /_control/faults` with a JSON object adds one, `DELETE /_control/faults` clears them all; from this machine only.
Its fields are those of `Fault`; `kind` is one of

  status    it answers `status` (and Retry-After: `retry_after`)   delay     it answers `seconds` late
  expired   the token has run out, in the vendor's own words       empty     it has its accounts and nothing else
  reset     the connection breaks in the middle of the body        cut       the body ends before its JSON does
  moved     the clock moves to `as_of` before this answer: what was told is restated between two pages

and, in an answer that is a page of rows (see `faulty_pages`):

  repeated  the rows of the page before once more, the next page's cursor as it should be
  circling  the cursor of the next page leads back to the second
  hollow    no rows and a cursor, which leads to this page's rows
  skipped   without its first row, as where rows move up between two requests for pages
  doubled   its first row twice            reversed  its rows in the opposite order
  renamed   `field` has another name       added     rows have a field that nobody knows
  texts     numbers stand as texts         numbers   texts of digits stand as numbers
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from simulator.clock import Clock, moment_of
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
    View,
    Visit,
)

OF_PAGES = (
    "repeated", "circling", "hollow", "skipped", "doubled", "reversed", "renamed", "added", "texts", "numbers",
)  # fmt: skip
KINDS = ("status", "expired", "empty", "delay", "reset", "cut", "moved", *OF_PAGES)


@dataclass(slots=True)
class Fault:
    """`after`: how many requests (of a kind that is about pages: pages) pass unharmed before the first that meets it;
    `times`: how many meet it from there on, None for all until it is cleared. `empty` lasts until then. `path`: only
    requests whose path has this in it count. `field`: the name of a row's field, dots between nested ones."""

    source: str
    kind: str
    status: int = 500
    times: int | None = None
    after: int = 0
    path: str = ""
    retry_after: float | None = None
    seconds: float = 1.0
    field: str = ""
    as_of: str = ""


class Faults:
    def __init__(self, sources: tuple[str, ...]) -> None:
        self._sources = sources
        self._faults: list[Fault] = []
        self._page_by_page: set[str] = set()
        self.cleared = 0  # how often: what was remembered of an earlier fault is no concern of a later one

    def add(self, description: dict) -> None:
        """ValueError where the description makes no sense."""
        try:
            fault = Fault(**description)
        except TypeError as error:
            names = ", ".join(Fault.__dataclass_fields__)
            raise ValueError(f"a fault has {names}: {error}") from None
        if fault.source not in self._sources:
            raise ValueError(f"source {fault.source!r} is none of {', '.join(self._sources)}")
        if fault.kind not in KINDS:
            raise ValueError(f"kind {fault.kind!r} is none of {', '.join(KINDS)}")
        if fault.kind == "moved":
            moment_of(fault.as_of)
        if fault.kind == "renamed" and not fault.field:
            raise ValueError("kind 'renamed' needs the field that gets another name")
        self._faults.append(fault)
        if fault.kind in OF_PAGES:
            self._page_by_page.add(fault.source)

    def clear(self) -> None:
        self._faults.clear()
        self._page_by_page.clear()
        self.cleared += 1

    def take(self, source: str, path: str, *kinds: str) -> Fault | None:
        """The fault of one of these kinds that this request (or page) meets; it is counted."""
        for fault in self._faults:
            if fault.source != source or fault.kind not in kinds or fault.path not in path:
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self._faults.remove(fault)
            return fault
        return None

    def are_of_pages(self, source: str) -> bool:
        """Whether any fault since the last clearing was about this source's pages."""
        return source in self._page_by_page

    def is_empty(self, source: str) -> bool:
        return any((fault.source, fault.kind) == (source, "empty") for fault in self._faults)


class SourceClock:
    """The clock as one source sees it: empty of everything but its accounts while that fault is set."""

    def __init__(self, clock: Clock, faults: Faults, source: str) -> None:
        self.world = clock.world
        self._clock, self._faults, self._source = clock, faults, source

    def view(self) -> View:
        view = self._clock.view()
        return _emptied(view) if self._faults.is_empty(self._source) else view


@lru_cache(maxsize=4)
def _emptied(view: View) -> "EmptyView":
    return EmptyView(view)


class EmptyView:
    """A view in which the accounts exist and nothing ever happened."""

    def __init__(self, view: View) -> None:
        self._view = view
        self.moment = view.moment

    def accounts(self, platform: str) -> list[Account]:
        return self._view.accounts(platform)

    def campaigns(self, platform: str) -> list[Campaign]:
        return []

    def ad_days(self, platform: str, first: date, last: date) -> list[AdDay]:
        return []

    def search_days(self, platform: str, first: date, last: date) -> list[SearchDay]:
        return []

    def country_days(self, platform: str, first: date, last: date) -> list[CountryDay]:
        return []

    def contacts(self) -> list[Contact]:
        return []

    def deals(self) -> list[Deal]:
        return []

    def emails(self) -> list[Email]:
        return []

    def email_events(self, first: datetime, last: datetime) -> list[EmailEvent]:
        return []

    def events(self) -> list[Event]:
        return []

    def products(self) -> list[Product]:
        return []

    def customers(self) -> list[Customer]:
        return []

    def orders(self) -> list[Order]:
        return []

    def store_orders(self) -> list[Order]:
        return []

    def visits(self) -> list[Visit]:
        return []

    def rates(self) -> list[Rate]:
        return []
