"""Pages of rows that are not what they should be: where each vendor has its rows and its cursor, and what is done."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.types import Scope

from simulator.faults import Fault

Path = tuple[str, ...]
_AGAIN = "again-"  # opens the cursor of a hollow page: what follows is the cursor of the page that was asked for


@dataclass(frozen=True)
class Shape:
    """Where a page has its `rows` and the `cursor` of the next page; `more` says that there is one; `sent` is where a
    request has its cursor: a path in its JSON body, or ("?", name) in its query. Without a cursor: ()."""

    rows: Path
    cursor: Path = ()
    more: Path = ()
    sent: Path = ()


SHAPES: dict[str, tuple[Shape, ...]] = {
    "google_ads": (Shape(("results",), ("nextPageToken",), ("nextPageToken",), ("pageToken",)),),
    "meta_ads": (Shape(("data",), ("paging", "cursors", "after"), ("paging", "next"), ("?", "after")),),
    "hubspot": (
        Shape(("results",), ("paging", "next", "after"), ("paging", "next", "after"), ("?", "after")),
        Shape(("events",), ("offset",), ("hasMore",), ("?", "offset")),
        Shape(("campaigns",), ("offset",), ("hasMore",), ("?", "offset")),
    ),
    "shopify": (
        Shape(
            ("data", "found", "nodes"), ("data", "found", "pageInfo", "endCursor"),
            ("data", "found", "pageInfo", "hasNextPage"), ("variables", "after"),
        ),
    ),
    "files": (),
}  # fmt: skip


class Book:
    """What one source has told, page by page, while it is at fault."""

    def __init__(self, source: str) -> None:
        self._shapes = SHAPES[source]
        self._before: dict[Path, list[Any]] = {}  # rows of the last page of that shape
        self._second: dict[Path, Any] = {}  # the first cursor that was given

    def asked(self, scope: Scope, body: bytes) -> tuple[Scope, bytes]:
        """The request as the vendor is to see it: a cursor of ours is the one that it stands for."""
        for shape in self._shapes:
            cursor = _sent(shape, scope, body)
            if isinstance(cursor, str) and cursor.startswith(_AGAIN):
                return _with_cursor(shape, scope, body, cursor.removeprefix(_AGAIN))
        return scope, body

    def answered(self, scope: Scope, body: bytes, content: bytes, take: Callable[[], Fault | None]) -> bytes:
        """The content with what the fault does to it; `take` is asked for the fault only where this is a page."""
        try:
            answer = json.loads(content)
        except ValueError:
            return content
        shape = next((one for one in self._shapes if isinstance(_dig(answer, one.rows), list)), None)
        if shape is None:
            return content
        rows, fault = _dig(answer, shape.rows), take()
        if fault is not None:
            self._spoil(answer, shape, fault, _sent(shape, scope, body))
        self._before[shape.rows] = rows
        if shape.cursor and _dig(answer, shape.more):
            self._second.setdefault(shape.rows, _dig(answer, shape.cursor))
        return json.dumps(answer).encode()

    def _spoil(self, answer: dict[str, Any], shape: Shape, fault: Fault, asked_with: Any) -> None:
        rows = _dig(answer, shape.rows)
        if fault.kind == "hollow":
            _put(answer, shape.rows, [])
            _point(answer, shape, f"{_AGAIN}{asked_with or ''}")
        elif fault.kind == "circling":
            second = self._second.get(shape.rows)
            if second and asked_with != second:  # the second page leads on, so that the circle is one of several pages
                _point(answer, shape, second)
        else:
            _put(answer, shape.rows, _changed(rows, fault, self._before.get(shape.rows, rows)))


def _changed(rows: list[Any], fault: Fault, before: list[Any]) -> list[Any]:
    if fault.kind == "renamed":
        return [_renamed(row, fault.field.split(".")) for row in rows]
    return {
        "repeated": lambda: before,
        "skipped": lambda: rows[1:],
        "doubled": lambda: rows[:1] + rows,
        "reversed": lambda: rows[::-1],
        "added": lambda: [{**row, "somethingNew": {"of": "no concern"}} for row in rows],
        "texts": lambda: [_each(row, lambda value: _is_number(value), str) for row in rows],
        "numbers": lambda: [_each(row, lambda value: isinstance(value, str) and value.isdigit(), int) for row in rows],
    }[fault.kind]()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _each(value: Any, chosen: Callable[[Any], bool], change: Callable[[Any], Any]) -> Any:
    """The same with every chosen leaf changed."""
    if isinstance(value, dict):
        return {name: _each(one, chosen, change) for name, one in value.items()}
    if isinstance(value, list):
        return [_each(one, chosen, change) for one in value]
    return change(value) if chosen(value) else value


def _renamed(row: dict[str, Any], way: list[str]) -> dict[str, Any]:
    name, *rest = way
    if name not in row:
        return row
    if rest:
        return {**row, name: _renamed(row[name], rest)}
    return {(f"{key}V2" if key == name else key): value for key, value in row.items()}


def _dig(value: Any, path: Path) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _put(answer: dict[str, Any], path: Path, value: Any) -> None:
    *way, last = path
    for name in way:
        answer = answer.setdefault(name, {})
    answer[last] = value


def _point(answer: dict[str, Any], shape: Shape, cursor: Any) -> None:
    if not shape.cursor:
        return
    if not _dig(answer, shape.more):
        _put(answer, shape.more, True)
    _put(answer, shape.cursor, cursor)


def _sent(shape: Shape, scope: Scope, body: bytes) -> Any:
    if shape.sent[:1] == ("?",):
        return dict(parse_qsl(scope["query_string"].decode())).get(shape.sent[1])
    try:
        return _dig(json.loads(body), shape.sent)
    except ValueError:
        return None


def _with_cursor(shape: Shape, scope: Scope, body: bytes, cursor: str) -> tuple[Scope, bytes]:
    if shape.sent[:1] == ("?",):
        query = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
        query.pop(shape.sent[1])
        query |= {shape.sent[1]: cursor} if cursor else {}
        return {**scope, "query_string": urlencode(query).encode()}, body
    asked = json.loads(body)
    _put(asked, shape.sent, cursor or None)
    if not cursor and len(shape.sent) == 1:
        asked.pop(shape.sent[0])
    return scope, json.dumps(asked).encode()
