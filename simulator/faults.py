"""Faults on demand, for tests: a source that refuses, answers late, or has nothing to tell."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from simulator.clock import Clock
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

KINDS = ("status", "empty", "delay")


@dataclass(slots=True)
class Fault:
    """`times`: how many requests still meet it, None for all until it is cleared. `empty` lasts until then."""

    source: str
    kind: str
    status: int = 500
    times: int | None = None
    retry_after: float | None = None
    seconds: float = 1.0


class Faults:
    def __init__(self, sources: tuple[str, ...]) -> None:
        self._sources = sources
        self._faults: list[Fault] = []

    def add(self, description: dict) -> None:
        """ValueError where the description makes no sense."""
        try:
            fault = Fault(**description)
        except TypeError as error:
            raise ValueError(f"a fault has source, kind, status, times, retry_after, seconds: {error}") from None
        if fault.source not in self._sources:
            raise ValueError(f"source {fault.source!r} is none of {', '.join(self._sources)}")
        if fault.kind not in KINDS:
            raise ValueError(f"kind {fault.kind!r} is none of {', '.join(KINDS)}")
        self._faults.append(fault)

    def clear(self) -> None:
        self._faults.clear()

    def take(self, source: str, kind: str) -> Fault | None:
        """The fault this request meets, counted."""
        for fault in self._faults:
            if (fault.source, fault.kind) == (source, kind):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                return fault
        return None

    def is_empty(self, source: str) -> bool:
        return any((fault.source, fault.kind) == (source, "empty") for fault in self._faults)


class FaultyRequests:
    """ASGI middleware; the first part of a path is the source."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app, self._faults = app, faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            source = scope["path"].split("/")[1]
            if delay := self._faults.take(source, "delay"):
                await asyncio.sleep(delay.seconds)
            if fault := self._faults.take(source, "status"):
                await _refusal(fault)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _refusal(fault: Fault) -> JSONResponse:
    """A body in which each vendor's client finds its own error fields."""
    message = f"made to answer {fault.status}"
    body = {
        "error": {"code": fault.status, "message": message, "status": "SIMULATED", "type": "SimulatedException"},
        "errors": message,
        "status": "error",
        "message": message,
        "category": "RATE_LIMITS" if fault.status == 429 else "SIMULATED",
    }
    headers = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
    return JSONResponse(body, status_code=fault.status, headers=headers)


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
