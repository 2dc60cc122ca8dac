"""The landed rows that count, as dicts, and what the mart was asked for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from marketing_mart.connectors import streams
from marketing_mart.landing import Landing

Row = dict[str, Any]

# A measure is known where one of these streams has ever landed a row; else it is null, not 0.
TOLD_BY = {
    "ads": ("google_ads/account_performance", "meta_ads/account_insights", "files/ad_performance"),
    "visits": ("files/sessions", "shopify/orders"),
    "contacts": ("hubspot/contacts", "files/contacts"),
    "deals": ("hubspot/deals", "files/deals"),
    "orders": ("shopify/orders", "files/orders"),
}


@dataclass
class Asked:
    """What the mart was built for; `told` is what dbt is told, of which only the configuration is read."""

    told: Mapping[str, Any]
    last: date = field(init=False)
    first: date = field(init=False)

    def __post_init__(self) -> None:
        self.last = date.fromisoformat(self.told["mart_date"])
        self.first = date.fromisoformat(self.told["kpi_start"])
        self.currency = self.told["reporting_currency"]
        self.zone = ZoneInfo(self.told["reporting_timezone"])

    def day(self, moment: datetime | None) -> date | None:
        """The reporting day of an instant."""
        return None if moment is None else moment.astimezone(self.zone).date()

    def days(self) -> list[date]:
        return [self.first + timedelta(n) for n in range((self.last - self.first).days + 1)]

    def is_kpi_day(self, day: date | None) -> bool:
        return day is not None and self.first <= day <= self.last


class World:
    """The landed rows by source/stream, and what was asked of them. What is derived from them is kept in `memo`."""

    def __init__(self, rows: Mapping[str, list[Row]], told: Mapping[str, Any]) -> None:
        self.rows, self.asked = rows, Asked(told)
        self.memo: dict[str, Any] = {}

    def __getitem__(self, label: str) -> list[Row]:
        return self.rows[label]

    def knows(self, subject: str) -> bool:
        return any(self.rows[label] for label in TOLD_BY[subject])


def landed(home: Path) -> dict[str, list[Row]]:
    """Every stream's rows that count, by `source/stream`; and `loads`, one row per landed version."""
    views = Landing(home).views(streams())
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        return {
            name.replace("__", "/", 1): _dicts(connection.execute(query))
            for name, query in views.items()
        }  # fmt: skip


def _dicts(answer: duckdb.DuckDBPyConnection) -> list[Row]:
    names = [column[0] for column in answer.description]
    return [dict(zip(names, values, strict=True)) for values in answer.fetchall()]


def once(work):
    """A function of the world that is worked out once per world."""

    def told(world: World):
        key = f"{work.__module__}.{work.__name__}"
        if key not in world.memo:
            world.memo[key] = work(world)
        return world.memo[key]

    told.__name__, told.__doc__ = work.__name__, work.__doc__
    return told


def grouped(rows: Iterable[Row], *names: str) -> dict[tuple, list[Row]]:
    found: dict[tuple, list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row[name] for name in names), []).append(row)
    return found
