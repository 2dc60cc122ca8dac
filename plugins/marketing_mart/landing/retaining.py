"""What of the landing is kept, and in how many files: never so that a row, or a sum, that counts is lost.

Of a report's day the versions that a newer one took the place of go, once they are old enough: the manifest keeps what
each summed up to, of which fct_restatements tells. Of an entity's old loads the newest row of each key is kept, in one
file in the place of many. Streams whose every version is shown (`Stream.shows_versions`: orders, whose restatements
are told from their rows) keep all of them, and what waits for a gate or for a person stays where it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb

from marketing_mart.landing.arrange import rearrange
from marketing_mart.landing.manifest import Load, Manifest
from marketing_mart.landing.rewriting import place, sync
from marketing_mart.landing.sql import literal
from marketing_mart.landing.views import counting, rows_that_count
from marketing_mart.streams import Stream


@dataclass(frozen=True)
class Retained:
    """Files that went, what they took up, and how many loads' rows are in one file now."""

    files: int = 0
    bytes: int = 0
    compacted: int = 0

    def __add__(self, other: "Retained") -> "Retained":
        return Retained(self.files + other.files, self.bytes + other.bytes, self.compacted + other.compacted)


def retain(
    root: Path, manifest: Manifest, stream: Stream, *, loaded_before: datetime, at: datetime, folder: Path
) -> Retained:
    """The caller holds the stream's lock; `folder` is for what is being written. Killed in between it has removed
    nothing that the manifest names: to do it again, or a sweep, does the rest."""
    loads = manifest.loads(stream)
    old = [load for load in loads if load.path and load.loaded_at < loaded_before]
    if stream.kind == "report":
        gone = [load for load in old if load.counts and not load.is_current]
        with manifest.transaction() as connection:
            manifest.remove(connection, gone, "superseded", at)
        return _unlink(root, manifest, stream, gone)
    if stream.shows_versions:
        return Retained()
    return _compact(root, manifest, stream, loads, old, at, folder)


def _compact(
    root: Path, manifest: Manifest, stream: Stream, loads: list[Load], old: list[Load], at: datetime, folder: Path
) -> Retained:
    undecided = min((load.sequence for load in loads if load.path and not load.counts), default=None)
    group = [load for load in counting(loads) if load in old and (undecided is None or load.sequence < undecided)]
    if len(group) < 2:
        return Retained()
    newest = group[-1]
    written = folder / "compacted.parquet"
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'; set memory_limit = '256MB'")
        connection.execute(f"set temp_directory = {literal(str(folder / 'sort'))}")
        query = rows_that_count(stream, group, root)
        connection.execute(f"copy ({query}) to {literal(str(written))} (format parquet)")
    file = rearrange(stream, newest.day, written, folder)
    path = place(root, newest, file)
    sync((root / path).parent)
    columns = {field.name: str(field.type) for field in stream.schema}
    paths = {load.path for load in group}
    gone = [load for load in old if load.path in paths and load.sequence != newest.sequence]
    with manifest.transaction() as connection:
        manifest.remove(connection, gone, "compacted", at)
        manifest.point(connection, replace(newest, path=path, bytes=file.bytes, content_hash=file.content_hash,
                                           columns=columns))  # fmt: skip
    return _unlink(root, manifest, stream, [*gone, newest]) + Retained(compacted=len(group))


def _unlink(root: Path, manifest: Manifest, stream: Stream, loads: Iterable[Load]) -> Retained:
    """Removes the files that no load names any more."""
    named = {load.path for load in manifest.loads(stream)}
    sizes = {load.path: load.bytes for load in loads if load.path and load.path not in named}
    for path in sizes:
        (root / path).unlink(missing_ok=True)
    return Retained(len(sizes), sum(sizes.values()))
