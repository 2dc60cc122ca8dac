"""A table of the mart against what it should be: every row, every column."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

Row = dict[str, Any]
SHOWN = 10
CLOSE = 1e-12


def differences(
    table: str,
    keys: tuple[str, ...],
    expected: Iterable[Row],
    found: Iterable[Row],
    near: Mapping[str, float] = MappingProxyType({}),
) -> list[str]:
    """At most ten lines, each of table, key, column, what was expected and what was found. Decimals must be equal,
    doubles to 1e-12 of their size, or as `near` says of their column."""
    wanted, given = _by_key(table, keys, expected), _by_key(table, keys, found)
    told = [f"{table} {_shown(keys, key)}: missing" for key in _ordered(wanted.keys() - given.keys())]
    told += [f"{table} {_shown(keys, key)}: too much" for key in _ordered(given.keys() - wanted.keys())]
    for key in _ordered(wanted.keys() & given.keys()):
        left, right = wanted[key], given[key]
        if left.keys() != right.keys():
            told.append(f"{table}: columns {sorted(left.keys() ^ right.keys())} stand on one side only")
            break
        for column in left:
            if not _equal(left[column], right[column], near.get(column)):
                shown = f"expected {_told(left[column])}, found {_told(right[column])}"
                told.append(f"{table} {_shown(keys, key)} {column}: {shown}")
    return told if len(told) <= SHOWN else [*told[: SHOWN - 1], f"{table}: {len(told) - SHOWN + 1} more differences"]


def _by_key(table: str, keys: tuple[str, ...], rows: Iterable[Row]) -> dict[tuple, Row]:
    told: dict[tuple, Row] = {}
    for row in rows:
        key = tuple(row[name] for name in keys)
        assert key not in told, f"{table} has {_shown(keys, key)} twice"
        told[key] = row
    return told


def _equal(expected: Any, found: Any, close: float | None = None) -> bool:
    if expected is None or found is None:
        return expected is found
    if isinstance(found, float) or close:
        one, other = float(expected), float(found)
        return abs(one - other) <= (close or CLOSE) * max(abs(one), abs(other))
    if isinstance(expected, float):
        return False
    return expected == found


def _told(value: Any) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else repr(value)


def _ordered(keys: Iterable[tuple]) -> list[tuple]:
    return sorted(keys, key=lambda key: tuple(str(part) for part in key))


def _shown(names: tuple[str, ...], key: tuple) -> str:
    return " ".join(f"{name}={value}" for name, value in zip(names, key, strict=True))
