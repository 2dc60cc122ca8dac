"""What a check is, and the few shapes that checks take."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, ClassVar, Literal, Protocol

from great_expectations import expectations as gxe
from great_expectations.execution_engine import ExecutionEngine
from great_expectations.expectations.expectation import Expectation

Severity = Literal["error", "warning"]
SAMPLE_SIZE = 20


@dataclass(frozen=True)
class Check:
    """One expectation on one table, with what a person needs to know when it is red.

    `name` is unique within its table and names the sample file. `failing` is the query that returns
    the rows which break it ('' where a row can't show it); it has the same `{batch}` as the expectation.
    """

    name: str
    expectation: Expectation
    expected: str
    why: str
    next_step: str
    severity: Severity = "error"
    failing: str = ""
    source: str = ""


Suites = Mapping[str, Sequence[Check]]  # "schema.table" -> its checks


class Landed(Protocol):
    """What a suite must know of a landed stream."""

    source: str
    name: str
    kind: str
    schema: Iterable  # of fields with a `.name`
    key: tuple[str, ...]
    day: str | None
    totals: tuple[str, ...]


@dataclass(frozen=True)
class Scope:
    """What the suites are about: the logical day, the first KPI day, the streams that are on, and what stands
    in the database (and in the current release): "schema.table" -> its columns, name -> DuckDB type.
    `days`: source -> the day that its rows were read for, where that is not the logical day. `stale`: source -> why
    nothing was read of it, where the release goes out with what it landed before.
    `views`: which of `tables` are views. `same_models`: the current release was built by these models and settings.
    `acknowledged`: source, stream, reason and key of rows in quarantine that need no warning any more.
    `catalog`: what DuckDB calls the database: `mart.x` alone may be a table of the schema or of the database."""

    day: date
    kpi_start: date
    streams: tuple[Landed, ...] = ()
    tables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    released: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    days: Mapping[str, date] = field(default_factory=dict)
    stale: Mapping[str, str] = field(default_factory=dict)
    views: frozenset[str] = frozenset()
    same_models: bool = True
    acknowledged: frozenset[tuple[str, str, str, str]] = frozenset()
    catalog: str = "mart"

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(stream.source for stream in self.streams))

    def of(self, source: str) -> "Scope":
        """The same for one source: its streams, and the day that they were read for."""
        streams = tuple(stream for stream in self.streams if stream.source == source)
        return replace(self, day=self.days.get(source, self.day), streams=streams)

    def has(self, source: str, *streams: str) -> bool:
        """Whether all of these streams of a source are on."""
        on = {stream.name for stream in self.streams if stream.source == source}
        return on.issuperset(streams) and bool(on)


class ExpectNoRows(gxe.UnexpectedRowsExpectation):
    """Red if its query finds a row. GX's own runs the query twice, to count rows and to fetch them; the fetched ones
    are thrown away by every result format that a gate uses."""

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.row_count",)

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: ExecutionEngine | None = None,
    ) -> dict[str, Any]:
        found = metrics["unexpected_rows_query.row_count"]
        return {"success": found == 0, "result": {"observed_value": found}}


def never_null(column: str, *, why: str, next_step: str, severity: Severity = "error") -> Check:
    return Check(
        name=f"{column}_never_null",
        expectation=gxe.ExpectColumnValuesToNotBeNull(column=column),
        expected=f"{column} is never null",
        why=why,
        next_step=next_step,
        severity=severity,
        failing=_query(f'select * from batch where "{column}" is null'),
    )


def at_least(column: str, minimum: int, *, why: str, next_step: str, severity: Severity = "error") -> Check:
    return Check(
        name=f"{column}_at_least_{minimum}",
        expectation=gxe.ExpectColumnValuesToBeBetween(column=column, min_value=minimum),
        expected=f"{column} >= {minimum}",
        why=why,
        next_step=next_step,
        severity=severity,
        failing=_query(f'select * from batch where "{column}" < {minimum}'),
    )


def not_empty(*, why: str, next_step: str, severity: Severity = "error") -> Check:
    return Check(
        name="not_empty",
        expectation=gxe.ExpectTableRowCountToBeBetween(min_value=1),
        expected="at least 1 row",
        why=why,
        next_step=next_step,
        severity=severity,
    )


def no_rows(
    name: str,
    query: str,
    *,
    expected: str,
    why: str,
    next_step: str,
    severity: Severity = "error",
    given: str = "",
) -> Check:
    """A check in SQL: it is red if `query` returns a row. The suite's table is called `batch` in it; `given` holds
    further common table expressions. Braces must be doubled."""
    query = _query(query, given)
    return Check(
        name=name,
        expectation=ExpectNoRows(unexpected_rows_query=query, description=expected),
        expected=expected,
        why=why,
        next_step=next_step,
        severity=severity,
        failing=query,
    )


def unique(key: Sequence[str], *, why: str, next_step: str) -> Check:
    """Nulls count as equal, so a key with an empty optional part can't stand twice either."""
    columns = ", ".join(f'"{column}"' for column in key)
    return no_rows(
        "key_unique",
        f"select {columns}, count(*) as copies from batch group by {columns} having count(*) > 1",
        expected=f"one row per {', '.join(key)}",
        why=why,
        next_step=next_step,
    )


def _query(query: str, given: str = "") -> str:
    """`{batch}` is put in by Great Expectations: a table, or a select with or without an alias, as it sees fit."""
    return f"with batch as (select * from {{batch}}){', ' + given if given else ''} {query}"
