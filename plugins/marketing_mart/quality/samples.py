"""Rows that break a check, kept on disk for whoever mends it."""

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

FIRST_ROW_LENGTH = 160


def write_sample(folder: Path, table: str, check: str, columns: Sequence[str], rows: Iterable[Sequence]) -> Path:
    """A CSV with the failing rows; personal data is in them as hashes only, since nothing else ever lands."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{_plain(table)}.{_plain(check)}.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows(rows)
    return path


def first_row(columns: Sequence[str], rows: Sequence[Sequence]) -> str:
    """`, first: currency=GBP, days=3`: the first failing row in one short line, '' without rows."""
    if not rows:
        return ""
    told = ", ".join(f"{name}={value}" for name, value in zip(columns, rows[0], strict=True) if value is not None)
    return f", first: {told[:FIRST_ROW_LENGTH]}"


def _plain(name: str) -> str:
    return re.sub(r"[^\w.-]+", "_", name)
