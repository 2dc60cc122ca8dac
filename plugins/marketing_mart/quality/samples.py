"""Rows that break a check, kept on disk for whoever mends it, who may open them in a spreadsheet.

A spreadsheet takes a cell for a formula by its first character, and a formula may fetch or run something. So such a
text gets an apostrophe in front, as OWASP's page "CSV Injection" advises; a number stays one.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from marketing_mart.redaction import printable, without_addresses

_FORMULA = tuple("=+-@\t\r\n\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}"
                 "\N{FULLWIDTH COMMERCIAL AT}")  # fmt: skip
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
FIRST_ROW_LENGTH = 160


def write_sample(folder: Path, table: str, check: str, columns: Sequence[str], rows: Iterable[Sequence]) -> Path:
    """A CSV with the failing rows; personal data is in them as hashes only, since nothing else ever lands."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{_plain(table)}.{_plain(check)}.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([cell(name) for name in columns])
        writer.writerows([cell(value) for value in row] for row in rows)
    return path


def first_row(columns: Sequence[str], rows: Sequence[Sequence]) -> str:
    """`, first: currency=GBP, days=3`: the first failing row in one short line, '' without rows."""
    if not rows:
        return ""
    told = ", ".join(f"{name}={value}" for name, value in zip(columns, rows[0], strict=True) if value is not None)
    return f", first: {' '.join(printable(without_addresses(told)).split())[:FIRST_ROW_LENGTH]}"


def cell(value: Any) -> Any:
    """What stands in a CSV for a value: a text that a spreadsheet would take for a formula begins with an apostrophe,
    and an address is left out. Numbers and days are as they are."""
    if not isinstance(value, str):
        return value
    value = without_addresses(value)
    is_formula = value.lstrip(" ").startswith(_FORMULA) and not _NUMBER.fullmatch(value)
    return f"'{value}" if is_formula else value


def _plain(name: str) -> str:
    return re.sub(r"[^\w.-]+", "_", name)
