"""The nouns that connectors, the landing and the gates share: stream, window, access, page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Literal

import pyarrow as pa

MONEY = pa.decimal128(18, 6)
INSTANT = pa.timestamp("us", tz="UTC")
TEXT = pa.string()
DAY = pa.date32()
COUNT = pa.int64()
FLAG = pa.bool_()
EXTRA_COLUMN = "_extra"  # JSON of the columns a source sent that the stream does not declare


def columns(**types: pa.DataType) -> pa.Schema:
    """The landed columns of a stream, in order, with the column for undeclared ones at the end."""
    return pa.schema([*types.items(), (EXTRA_COLUMN, TEXT)])


@dataclass(frozen=True)
class Claims:
    """Where a stream's rows tell of conversions that the platform claims, by `kind` and `window` (column names; None:
    it knows of no windows); `within` is the list column whose items have these columns, where they are nested.

    `declared` is the kind and window that the platform is held to: their sums are control totals, since to read
    every old file again for them would cost more than all else. None: no such sums are kept.
    """

    kind: str
    conversions: str = "conversions"
    value: str = "conversions_value"
    window: str | None = None
    within: str | None = None
    declared: tuple[str, str] | None = None


@dataclass(frozen=True)
class Stream:
    """One kind of row that a source gives.

    `kind` "report": rows belong to a day (`day` names the column) and a day is replaced as a whole.
    `kind` "entity": rows are read by change time and the newest version of a key counts;
    `changed_at` names the column that orders versions (None: the order of loads does).
    `totals` are the columns whose sums are control totals, `claims` what else is summed up beside them.
    `shows_versions`: an entity whose earlier rows are shown too, in `landed.<source>__<stream>__versions`.
    `lead_days` is how many days before the first KPI day a report's first load starts.
    """

    source: str
    name: str
    kind: Literal["report", "entity"]
    schema: pa.Schema
    key: tuple[str, ...]
    day: str | None = None
    changed_at: str | None = None
    totals: tuple[str, ...] = ()
    lookback_days: int = 30
    expected_lag_hours: int = 24
    lead_days: int = 0
    claims: Claims | None = None
    shows_versions: bool = False

    @property
    def label(self) -> str:
        return f"{self.source}/{self.name}"


@dataclass(frozen=True)
class Window:
    """Days to read, both included, in the zone the source reports in.

    `first` None: the full history. Entities have no upper bound: `last` only labels their load,
    since an order of that day that changed this morning must not be missed.
    """

    first: date | None
    last: date


@dataclass(frozen=True)
class Access:
    """Where a source is and how to be let in; frozen from an Airflow connection."""

    source: str
    base_url: str
    login: str = ""
    secret: str = field(default="", repr=False)
    extra: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)


@dataclass(frozen=True)
class SourceOptions:
    """What config/mart.yml says of a source, and the reporting conventions it needs."""

    accounts: tuple[str, ...] = ()
    lookback_days: int | None = None
    timezone: str = "UTC"
    inbox: str = ""
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Page:
    """Rows of one stream in its schema. `stated_rows`: how many rows the source itself says that
    the whole read has (not this page), where it says so."""

    table: pa.Table
    stated_rows: int | None = None


@dataclass(frozen=True)
class LoadResult:
    """What one read of one stream left in the landing."""

    source: str
    stream: str
    days: int
    rows: int
    new_versions: int
    loaded_at: datetime
