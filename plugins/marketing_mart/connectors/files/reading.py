"""Reads one file of the inbox into pages."""

import logging
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from marketing_mart.connectors.files.columns import COLUMNS, DAY_OF
from marketing_mart.connectors.files.csv_file import CsvFile
from marketing_mart.connectors.files.header import Header, read_header
from marketing_mart.connectors.files.inbox import path_of
from marketing_mart.connectors.files.keys import KeyWatch
from marketing_mart.connectors.files.parsing import ROW, Parser, find_problems
from marketing_mart.connectors.files.problems import Problems, input_error, some
from marketing_mart.connectors.files.tables import ParquetFile, TableFile
from marketing_mart.connectors.files.values import shown
from marketing_mart.privacy import Privacy
from marketing_mart.streams import Access, Page, SourceOptions, Stream, Window

log = logging.getLogger(__name__)


def read(
    stream: Stream, window: Window, access: Access | None, options: SourceOptions, privacy: Privacy
) -> Iterator[Page]:
    """Pages of the stream's file in `options.inbox`: of a report the days of the window, of an entity all rows.

    The whole file is checked at each read. Whatever is wrong with it is told in one InputError after its last
    row, so pages that were yielded before don't mean that the file is right.
    """
    path = path_of(Path(options.inbox), stream)
    mapping = options.columns.get(stream.name, {})
    file = _open(stream, path, mapping)
    header = read_header(stream, path, file.header, mapping)
    _report(stream, path, header)
    before = path.stat()
    with duckdb.connect(config={"threads": 2}) as engine:
        engine.execute("set TimeZone = 'UTC'")
        parser = Parser(engine, stream, path, header, options.timezone)
        yield from _pages(stream, window, file, path, parser, privacy)
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise input_error(stream, path, "was changed while it was read")


def narrowed(stream: Stream, window: Window, options: SourceOptions) -> Window:
    """The days of a report's window that its file speaks for: none before the file's first day, so that an export of
    the newest days leaves the days before it as they landed. InputError where the file begins after the window."""
    path = path_of(Path(options.inbox), stream)
    first = _first_day(stream, path, options)
    if first is None:  # `read` tells what is wrong with the file
        return window
    if first > window.last:
        raise input_error(stream, path, f"begins on {first}, and has nothing of {window.last} or before")
    return Window(max(first, window.first), window.last)


def _first_day(stream: Stream, path: Path, options: SourceOptions) -> date | None:
    """The earliest day that can be read in a report's file."""
    mapping = options.columns.get(stream.name, {})
    file = _open(stream, path, mapping)
    whole = read_header(stream, path, file.header, mapping)
    needed = {name: at for name, at in whole.ours.items() if name in (*stream.key, DAY_OF.get(stream.name))}
    with duckdb.connect(config={"threads": 2}) as engine:
        engine.execute("set TimeZone = 'UTC'")
        parser = Parser(engine, stream, path, Header(needed, {}, ()), options.timezone)
        batches = file.batches(Problems(stream, path))
        days = (
            pc.min(parser.parse(batch).values.column(stream.day)).as_py()
            for batch in batches
            if not parser.unreadable_types(batch.table.schema)
        )
        return min((day for day in days if day is not None), default=None)


def _pages(
    stream: Stream, window: Window, file: TableFile, path: Path, parser: Parser, privacy: Privacy
) -> Iterator[Page]:
    problems, watch, rows = Problems(stream, path), KeyWatch(), 0
    stated_rows = file.stated_rows if stream.kind == "entity" else None
    for batch in file.batches(problems):
        if not rows and (told := parser.unreadable_types(batch.table.schema)):
            raise input_error(stream, path, f"has columns of a type that can't be read: {'; '.join(told)}")
        parsed = parser.parse(batch)
        rows += parsed.values.num_rows
        find_problems(stream, parsed, file, problems)
        watch.add(parsed.key_hashes, parsed.rows)
        if not problems:
            yield Page(_within(stream, window, parser.finish(parsed.values, privacy)), stated_rows)
    if not rows and not problems:
        raise input_error(stream, path, "has a header and no rows")
    _refuse_repeated_keys(stream, file, parser, watch, problems)
    problems.raise_if_any()


def _open(stream: Stream, path: Path, mapping: dict[str, str]) -> TableFile:
    if path.suffix == ".parquet":
        return ParquetFile(stream, path)
    return CsvFile(stream, path, known={mapping.get(name, name) for name in COLUMNS[stream.name]})


def _report(stream: Stream, path: Path, header: Header) -> None:
    if header.unknown:
        log.warning("%s: %s: unknown columns, kept in _extra: %s", stream.label, path, some(list(header.unknown)))
    if header.personal:
        log.warning(
            "%s: %s: unknown columns that look personal, left out: %s", stream.label, path, some(header.personal)
        )


def _within(stream: Stream, window: Window, table: pa.Table) -> pa.Table:
    if stream.kind == "entity":
        return table
    day = table.column(stream.day)
    keep = pc.less(day, pa.scalar(window.last + timedelta(days=1)))
    if window.first is not None:
        keep = pc.and_(keep, pc.greater_equal(day, pa.scalar(window.first)))
    return table.filter(keep)


def _refuse_repeated_keys(stream: Stream, file: TableFile, parser: Parser, watch: KeyWatch, problems: Problems) -> None:
    """A second look at rows whose keys' hashes are equal: only keys that are equal are a problem."""
    suspects, repeats = watch.suspects()
    if not repeats:
        return
    places: dict[tuple, list[str]] = {}
    required = [name for name in stream.key if COLUMNS[stream.name][name].required]
    for batch in file.batches(Problems(problems.stream, problems.path)):
        parsed = parser.parse(batch)
        found = parsed.values.filter(pc.is_in(parsed.rows, value_set=suspects))
        for row in found.to_pylist():
            if all(row[name] is not None for name in required):  # a key without a value is told of already
                key = tuple(row[name] for name in stream.key if name in row)
                places.setdefault(key, []).append(file.place(row[ROW]))
    repeated = {key: where for key, where in places.items() if len(where) > 1}
    if repeated:
        problems.add(
            f"rows with the same {', '.join(stream.key)}",
            [
                f"{' and '.join(where[:2])} have {', '.join(shown(value) for value in key)}"
                for key, where in repeated.items()
            ],
            rows=repeats,
        )
