"""The inbox belongs to whoever puts files there: where a person stands in it is told, and nothing is changed."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq


def rows_in_inbox(inbox: Path, is_person_s: Callable[[str], bool]) -> dict[str, int]:
    """file -> rows with a cell that `is_person_s`: the address or number however it is written. Only files with any."""
    found = {}
    for path in sorted(inbox.glob("*")) if inbox.is_dir() else ():
        if path.suffix in (".csv", ".parquet"):
            rows = sum(any(is_person_s(cell) for cell in row) for row in _rows(path))
            if rows:
                found[str(path)] = rows
    return found


def _rows(path: Path) -> Iterator[list[str]]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            yield from csv.reader(file)
        return
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches():
            columns = [column.to_pylist() for column in batch.columns]
            yield from ([str(cell) for cell in row if cell is not None] for row in zip(*columns, strict=True))
