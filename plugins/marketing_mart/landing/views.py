"""The rows that count, as DuckDB selects over the landed files in place.

Only versions that count are looked at: those that a gate has accepted, and for the gate those that it is to judge
(which of them it is shown, `judged` decides).
Reports: the newest such version of each day. Entities: of all of them of all days, each key's newest row, by
`changed_at` where the stream has one and then by the order of loads. A file that the manifest doesn't know is
never read. A file landed before a column was declared gives null for it; columns that are not declared any more
are left out.
"""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa

from marketing_mart.landing.manifest import Load
from marketing_mart.landing.sql import literal, quoted, sql_type
from marketing_mart.streams import Stream


def view_name(stream: Stream) -> str:
    return f"{stream.source}__{stream.name}"


def counting(loads: Iterable[Load]) -> list[Load]:
    """Of one stream's loads those whose rows count, oldest first; a file used twice stands at its last use."""
    newest = {
        load.path: load for load in loads if load.path and load.counts and (load.kind == "entity" or load.is_current)
    }
    return sorted(newest.values(), key=lambda load: load.sequence)


def rows_that_count(stream: Stream, loads: Sequence[Load], root: Path) -> str:
    """The SELECT of a stream's rows that count, with its declared columns, types and order."""
    loads = counting(loads)
    landed = set().union(*(load.columns for load in loads))
    columns = ", ".join(_column(field, landed) for field in stream.schema)
    if not loads:
        return f"select {columns} where false"
    files = files_of(loads, root)
    if stream.kind == "report" or len(loads) == 1:  # a key stands once in a file
        return f"select {columns} from {files}"
    most = max(range(len(loads)), key=lambda index: loads[index].rows)
    return (
        f"select {columns} from (select *, file_index from {files}) as landed"
        f" anti join ({_superseded(stream, files, most)}) as superseded"
        f" on landed.file_index = superseded.file_index and {_same(stream.key, 'landed', 'superseded')}"
    )


def _superseded(stream: Stream, files: str, most: int) -> str:
    """The SELECT of key and `file_index` of the rows that a newer one replaces. Only keys in another file than the
    one of the `most` rows can stand in two, so that neither its other keys nor anything but keys is put in order."""
    newest = [f"{quoted(stream.changed_at)} desc nulls last"] if stream.changed_at else []
    newest.append("file_index desc")  # DuckDB's number of the file in the list, which is in the order of loads
    keys = ", ".join(quoted(column) for column in stream.key)
    return (
        f"select {keys}, file_index from (select *, file_index from {files}) as versions"
        f" semi join (select {keys} from {files} where file_index <> {most}) as repeated"
        f" on {_same(stream.key, 'versions', 'repeated')}"
        f" qualify row_number() over (partition by {keys} order by {', '.join(newest)}) > 1"
    )


def _same(key: Sequence[str], one: str, other: str) -> str:
    """Whether two rows have the same key, of which a part can be null."""
    return " and ".join(f"{one}.{quoted(part)} is not distinct from {other}.{quoted(part)}" for part in key)


def every_version(stream: Stream, loads: Sequence[Load], root: Path) -> str:
    """The SELECT of all rows of a stream's loads that count, superseded ones too, with the number of their `load`."""
    loads = sorted((load for load in loads if load.path and load.counts), key=lambda load: load.sequence)
    landed = set().union(*(load.columns for load in loads))
    columns = ", ".join(_column(field, landed) for field in stream.schema)
    if not loads:
        return f"select {columns}, cast(null as BIGINT) as load where false"
    numbers = ", ".join(str(load.sequence) for load in loads)
    return (
        f"select {columns}, cast([{numbers}][cast(file_index as BIGINT) + 1] as BIGINT) as load"
        f" from {files_of(loads, root)}"
    )


def fingerprint(streams: Iterable[Stream], loads: Iterable[Load]) -> str:
    """A hash of the rows that count: equal as long as no load changed them."""
    by_stream: dict[tuple[str, str], list[Load]] = {}
    for load in loads:
        by_stream.setdefault((load.source, load.stream), []).append(load)
    digest = hashlib.sha256()
    for stream in sorted(streams, key=lambda stream: stream.label):
        of_stream = counting(by_stream.get((stream.source, stream.name), []))
        if stream.kind == "report":
            of_stream.sort(key=lambda load: load.day)
        for load in of_stream:
            digest.update(f"{stream.label} {load.content_hash}\n".encode())
    return digest.hexdigest()


def files_of(loads: Sequence[Load], root: Path) -> str:
    """The table function over their files. Where all have the same columns DuckDB needs to open one of them to know
    them, not all: with every query that is planned."""
    files = ", ".join(literal(str(root / load.path)) for load in loads)
    differ = len({tuple(sorted(load.columns.items())) for load in loads}) > 1
    return f"read_parquet([{files}]{', union_by_name = true' if differ else ''})"


def _column(field: pa.Field, landed: set[str]) -> str:
    value = quoted(field.name) if field.name in landed else "null"
    return f"cast({value} as {sql_type(field.type)}) as {quoted(field.name)}"
