"""What a source sends beside what it was asked for: kept as JSON in `_extra`, so that nothing new is lost unseen."""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import pyarrow as pa

from marketing_mart.privacy import Privacy
from marketing_mart.streams import TEXT

Objects = Iterable[Mapping[str, Any]]


def extra_column(rows: int, parts: Iterable[tuple[str, Objects, Collection[str]]], privacy: Privacy) -> pa.Array:
    """`parts`: for each object that every row has, its name before a field's (`metrics.`), the object of each row, and
    the fields that are expected. Addresses and numbers in what is new are masked; a row without any has null."""
    found: list[dict[str, Any]] | None = None
    for name, objects, expected in parts:
        objects = list(objects)
        new = set().union(*objects).difference(expected)  # the same for nearly every page: none
        if new:
            found = found or [{} for _ in range(rows)]
            for row, one in zip(found, objects, strict=True):
                row.update({name + field: one[field] for field in sorted(new & one.keys())})
    if found is None:
        return pa.nulls(rows, TEXT)
    return pa.array([extra(row, privacy) for row in found], TEXT)


def extra(new: Mapping[str, Any], privacy: Privacy) -> str | None:
    """The JSON of one row's new fields; None where it has none."""
    return privacy.masked(json.dumps(new, sort_keys=True, ensure_ascii=False)) if new else None
