"""From JSON rows to columns of Arrow, a field of all rows at a time."""

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from marketing_mart.connectors.extra import extra_column
from marketing_mart.connectors.google_ads.streams import MAY_LACK, RESOURCES, field_of
from marketing_mart.errors import SourceMalformed
from marketing_mart.privacy import MAY_BE_PERSONAL, Privacy
from marketing_mart.streams import EXTRA_COLUMN, FLAG, MONEY, TEXT, Stream


def table_of(stream: Stream, rows: list[dict[str, Any]], label: str, privacy: Privacy) -> pa.Table:
    parents: dict[tuple[str, ...], list[Any]] = {(): rows}
    arrays, paths = [], []
    for field in stream.schema:
        if field.name == EXTRA_COLUMN:  # the last one
            arrays.append(_extra(stream, parents, paths, privacy))
            continue
        path = tuple(_camel(part) for part in field_of(stream, field.name).split("."))
        paths.append(path)
        try:
            values = _values(parents, path, field.name in MAY_LACK)
        except (KeyError, TypeError):
            told = f"{_lacking(rows, path)} of {len(rows)} rows lack {'.'.join(path)}"
            raise SourceMalformed(f"{label}: {told}") from None
        array = _array(values, field, f"{label}: {'.'.join(path)}")
        arrays.append(_without_persons(array, privacy) if field.name == "search_term" else array)
    return pa.Table.from_arrays(arrays, schema=stream.schema)


def _extra(
    stream: Stream, parents: dict[tuple[str, ...], list[Any]], paths: list[tuple[str, ...]], privacy: Privacy
) -> pa.Array:
    """A row names the resource that was asked, and every object names itself, whether that was asked for or not."""
    always = {"resourceName", _camel(RESOURCES[stream.name])}
    parts = (
        (".".join((*way, "")), objects, {path[len(way)] for path in paths if path[: len(way)] == way} | always)
        for way, objects in parents.items()
    )
    return extra_column(len(parents[()]), parts, privacy)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _values(parents: dict[tuple[str, ...], list[Any]], path: tuple[str, ...], may_lack: bool) -> list[Any]:
    """One field of every row. `parents` remembers the objects on the way, which many fields share."""
    *way, last = path
    for depth in range(1, len(way) + 1):
        if tuple(way[:depth]) not in parents:
            parents[tuple(way[:depth])] = [row[way[depth - 1]] for row in parents[tuple(way[: depth - 1])]]
    if may_lack:
        return [row.get(last) for row in parents[tuple(way)]]
    return [row[last] for row in parents[tuple(way)]]


def _lacking(rows: list[Any], path: tuple[str, ...]) -> int:
    def has(row: Any) -> bool:
        for part in path:
            if not isinstance(row, dict) or part not in row:
                return False
            row = row[part]
        return True

    return sum(not has(row) for row in rows)


def _array(values: list[Any], field: pa.Field, label: str) -> pa.Array:
    try:
        if field.type == MONEY:
            return _decimals(values)
        if field.type == FLAG or pa.types.is_list(field.type):
            return pa.array(values, field.type)
        return pa.array(values, TEXT).cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowTypeError, ArithmeticError) as error:
        raise SourceMalformed(f"{label}: not all values can be read: {str(error)[:120]}") from None


def _decimals(values: list[Any]) -> pa.Array:
    """Doubles in JSON, parsed as Decimal. Fractions of attributed conversions have up to 17 digits: 6 are kept."""
    try:
        return pa.array(values, MONEY)
    except pa.ArrowInvalid:
        kept = Decimal("0.000001")
        return pa.array([Decimal(value).quantize(kept) for value in values], MONEY)


def _without_persons(terms: pa.Array, privacy: Privacy) -> pa.Array:
    """People search for addresses and numbers too; few pages hold one."""
    if not pc.any(pc.match_substring_regex(terms, MAY_BE_PERSONAL)).as_py():
        return terms
    return pa.array([privacy.masked(term) for term in terms.to_pylist()], TEXT)
