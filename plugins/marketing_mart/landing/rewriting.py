"""Landed files with their rows changed, for an erasure: the one case in which what landed does not stay as it was.

A file is written anew beside the old one, the manifest names the new one, the old one goes: in this order, so that
whoever reads by the manifest finds one of the two. The rows stand in the order that a load would give them, so that
the source, read again and changed alike, brings nothing new.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from marketing_mart.landing.arrange import DayFile, rearrange
from marketing_mart.landing.manifest import Load, Manifest
from marketing_mart.landing.parquet import GroupedWriter
from marketing_mart.streams import Stream

_ROWS_PER_BATCH = 32_768
Change = Callable[[pa.Table], pa.Table]  # gives the same object back where it changes nothing


@dataclass(frozen=True)
class Rewritten:
    """How many files were written anew, and how many rows of theirs changed."""

    files: int = 0
    rows: int = 0


def rewrite(root: Path, manifest: Manifest, stream: Stream, change: Change, folder: Path) -> Rewritten:
    """The caller holds the stream's lock; `folder` is for what is being written."""
    loads = {load.path: load for load in manifest.loads(stream) if load.path}
    replaced: dict[str, tuple[str, int, str]] = {}
    rows = 0
    for path, load in loads.items():
        spooled, changed = _changed(root / path, change, folder)
        if changed:
            file = rearrange(replace(stream, schema=_schema(stream, spooled)), load.day, spooled, folder)
            replaced[path] = (place(root, load, file), file.bytes, file.content_hash)
            rows += changed
    if replaced:
        for parent in {(root / new).parent for new, *_ in replaced.values()}:
            sync(parent)
        manifest.replace_files(replaced)
        for path, (new, *_) in replaced.items():
            if new != path:
                (root / path).unlink(missing_ok=True)
    return Rewritten(len(replaced), rows)


def _changed(path: Path, change: Change, folder: Path) -> tuple[Path, int]:
    """The file's rows, changed, in a file of `folder`, and how many differ; not written where none does."""
    spooled = folder / "changed.parquet"
    if not any(change(table) is not table for table in _tables(path)):
        return spooled, 0
    writer, rows = GroupedWriter(spooled, pq.read_schema(path), compression="lz4"), 0
    for table in _tables(path):
        new = change(table)
        writer.add(new)
        if new is not table:
            rows += sum(one != other for one, other in zip(table.to_pylist(), new.to_pylist(), strict=True))
    writer.close()
    return spooled, rows


def _schema(stream: Stream, path: Path) -> pa.Schema:
    """The file's columns as the stream declares them: a file read again calls the items of its lists otherwise, which
    makes other bytes. A column that is not declared any more stays as it is."""
    declared = {field.name: field for field in stream.schema}
    found = pq.read_schema(path).remove_metadata()
    return pa.schema([declared[f.name] if f.name in declared and declared[f.name].type == f.type else f for f in found])


def _tables(path: Path) -> Iterator[pa.Table]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_ROWS_PER_BATCH):
            yield pa.Table.from_batches([batch])


def place(root: Path, load: Load, file: DayFile) -> str:
    """Rename a written file to its name beside the one that it replaces, its bytes on disk first."""
    path = Path(load.path).with_name(f"{load.path.rpartition('/')[2][:4]}-{file.content_hash[:16]}.parquet")
    sync(file.path)
    os.replace(file.path, root / path)
    return str(path)


def sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
