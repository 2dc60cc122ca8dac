"""Spooled rows into one sorted file per day, checked so that nothing is counted twice or on a foreign day.

DuckDB sorts, within a memory limit and beyond it on disk; the stream of sorted rows is cut where the day changes.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from marketing_mart.errors import RowsRefused
from marketing_mart.landing.control_totals import control_totals
from marketing_mart.landing.parquet import EMPTY_HASH, GroupedWriter, content_hash
from marketing_mart.landing.sql import literal, quoted
from marketing_mart.streams import Stream, Window

_MEMORY_LIMIT = "256MB"
_ROWS_PER_BATCH = 32_768
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class DayFile:
    """A day's rows as they are to be landed. `path` None: the day has no rows."""

    day: date
    path: Path | None
    rows: int
    totals: dict[str, str]
    content_hash: str = EMPTY_HASH
    bytes: int = 0


def arrange(stream: Stream, window: Window, spooled: Path, folder: Path) -> list[DayFile]:
    """One DayFile for each day of a report's window, and a single one, for the window's last day, for entities.

    Reports: a row outside the window or a key that stands twice on a day is a RowsRefused.
    Entities: of rows with one key the newest by `changed_at` stays, equal rows are one, and a key
    with two different newest rows is a RowsRefused.
    """
    with _engine(folder) as engine:
        engine.execute(f"create temp view kept as select * from read_parquet({literal(str(spooled))})")
        if stream.kind == "report":
            _refuse_foreign_days(engine, stream, window)
            _refuse_repeated_keys(engine, stream)
        else:
            _collapse_repeated_keys(engine, stream)
        totals = control_totals(engine, stream, window)
        written = dict(_write_days(engine, stream, window, folder))
    days = _days(window) if stream.kind == "report" else [window.last]
    return [_day_file(day, written.get(day), totals.get(day, {})) for day in days]


def rearrange(stream: Stream, day: date, spooled: Path, folder: Path) -> DayFile:
    """One day's rows, of which each key stands once, as `arrange` would write them: the same bytes for the same rows.
    `stream` has the schema of the file they come from. Without control totals."""
    with _engine(folder) as engine:
        engine.execute(f"create temp view kept as select * from read_parquet({literal(str(spooled))})")
        written = dict(_write_days(engine, stream, Window(day, day), folder))
    return _day_file(day, written.get(day), {})


@contextmanager
def _engine(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    config = {
        "threads": min(4, os.cpu_count() or 1),
        "memory_limit": _MEMORY_LIMIT,
        "temp_directory": str(folder / "sort"),
        "preserve_insertion_order": False,
    }
    with duckdb.connect(config=config) as engine:
        engine.execute("set TimeZone = 'UTC'")
        yield engine


def _refuse_foreign_days(engine: duckdb.DuckDBPyConnection, stream: Stream, window: Window) -> None:
    day = quoted(stream.day)
    found = engine.execute(
        f"select {day}, count(*) from kept where {day} is null or {day} not between ? and ?"
        " group by all order by all nulls first",
        [window.first, window.last],
    ).fetchall()
    if found:
        days = [str(foreign or "no day") for foreign, _ in found]
        shown = ", ".join(days[:5]) + (f" and {len(days) - 5} more" if len(days) > 5 else "")
        raise RowsRefused(
            f"{stream.label}: {sum(rows for _, rows in found)} rows are outside the days that were asked for, "
            f"{window.first} to {window.last}: {shown}",
            next_step=f"look at how {stream.source} was asked for its days; nothing of this read was landed",
        )


def _refuse_repeated_keys(engine: duckdb.DuckDBPyConnection, stream: Stream) -> None:
    keys = _key_columns(stream)
    grain = ", ".join(dict.fromkeys([quoted(stream.day), *keys]))
    _raise_for_keys(
        engine.sql(f"select {', '.join(keys)}, {quoted(stream.day)} from kept group by {grain} having count(*) > 1"),
        stream,
        "stand twice or more on a day",
    )


def _collapse_repeated_keys(engine: duckdb.DuckDBPyConnection, stream: Stream) -> None:
    keys = _key_columns(stream)
    same = " and ".join(f"row_.{key} is not distinct from repeated.{key}" for key in keys)
    repeated = f"select {', '.join(keys)} from kept group by all having count(*) > 1"
    if not engine.sql(f"select 1 from ({repeated}) limit 1").fetchall():
        return
    newest = f"order by {quoted(stream.changed_at)} desc nulls last" if stream.changed_at else ""
    engine.execute(f"create temp table repeated as {repeated}")
    engine.execute(
        f"create temp table newest as select distinct row_.* from kept row_ join repeated on {same}"
        f" qualify rank() over (partition by {', '.join('row_.' + key for key in keys)} {newest}) = 1"
    )
    day = literal(str(_EPOCH))  # entities have no day of their own
    _raise_for_keys(
        engine.sql(f"select {', '.join(keys)}, date {day} from newest group by all having count(*) > 1"),
        stream,
        "have different rows of which none is the newest",
    )
    engine.execute("alter view kept rename to spooled")
    engine.execute(
        "create temp view kept as select * from newest"
        f" union all select row_.* from spooled row_ anti join repeated on {same}"
    )


def _raise_for_keys(found: duckdb.DuckDBPyRelation, stream: Stream, what: str) -> None:
    """`found` has the key's columns and a day."""
    count = found.aggregate("count(*)").fetchone()[0]
    if not count:
        return
    columns = ", ".join(found.columns)
    samples = found.order(columns).limit(2).fetchall()
    days = f" on {', '.join(sorted({str(row[-1]) for row in samples}))}" if stream.kind == "report" else ""
    shown = "; ".join(", ".join(str(value)[:60] for value in row[:-1]) for row in samples)
    raise RowsRefused(
        f"{stream.label}: {count} keys ({', '.join(stream.key)}) {what}, e.g.{days}: {shown}",
        next_step=f"nothing of this read was landed; if it comes again, the key of {stream.label} is not its grain",
    )


def _write_days(
    engine: duckdb.DuckDBPyConnection, stream: Stream, window: Window, folder: Path
) -> Iterator[tuple[date, GroupedWriter]]:
    """Closed writers, one per day that has rows, in the order of days."""
    order = ", ".join(f"{column} nulls first" for column in _order_columns(stream))
    reader = engine.sql(f"select * from kept order by {order}").to_arrow_reader(_ROWS_PER_BATCH)
    writer, of_day = None, None
    for batch in reader:
        table = pa.Table.from_batches([batch]).cast(stream.schema)
        for day, rows in _cut(table, stream, window):
            if day != of_day:
                if writer is not None:
                    writer.close()
                    yield of_day, writer
                writer, of_day = GroupedWriter(folder / f"{day}.parquet", stream.schema, compression="zstd"), day
            writer.add(rows)
    if writer is not None:
        writer.close()
        yield of_day, writer


def _cut(table: pa.Table, stream: Stream, window: Window) -> Iterator[tuple[date, pa.Table]]:
    """A table sorted by day, day by day."""
    if stream.kind == "entity":
        yield window.last, table
        return
    days = table.column(stream.day).cast(pa.int32()).to_numpy()
    edges = [0, *(np.flatnonzero(np.diff(days)) + 1), len(days)]
    for start, end in pairwise(edges):
        yield _EPOCH + timedelta(days=int(days[start])), table.slice(start, end - start)


def _key_columns(stream: Stream) -> list[str]:
    return [quoted(column) for column in stream.key]


def _order_columns(stream: Stream) -> list[str]:
    keys = _key_columns(stream)
    return list(dict.fromkeys([quoted(stream.day), *keys])) if stream.kind == "report" else keys


def _days(window: Window) -> list[date]:
    return [window.first + timedelta(days=offset) for offset in range((window.last - window.first).days + 1)]


def _day_file(day: date, writer: GroupedWriter | None, totals: dict[str, str]) -> DayFile:
    if writer is None:
        return DayFile(day, None, 0, totals)
    return DayFile(day, writer.path, writer.rows, totals, content_hash(writer.path), writer.path.stat().st_size)
