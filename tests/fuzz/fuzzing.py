"""What the fuzz tests share: how many inputs are tried, what is nasty, and what a refusal may look like.

Inputs are drawn in the same order each time. `FUZZ=10000 pytest tests/fuzz` tries so many of each kind.
"""

import copy
import functools
import json
import os
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketing_mart.errors import MartError
from marketing_mart.streams import Page, Stream

EXAMPLES = int(os.environ.get("FUZZ", "60"))
tried = 0  # inputs so far, in this process

# Raw JSON: what Python's own writer would not write.
RAW = ("1e400", "-1e400", "1e-400", "9" * 400, "NaN", "Infinity", "0.1234567890123456789", "[" * 3000 + "]" * 3000)
NASTY = (
    None, True, False, "", " ", "x", 0, -1, 1.5, 2**31, 2**63, -(2**63) - 1, 10**30, [], {}, [[]], [None], {"a": None},
    [{}], "NaN", "nan", "Infinity", "-inf", "1e400", "1E9", "-0", "0x10", "1_000", "1,5", "٣", "½", "9" * 400, " 7 ",
    "2025-02-30", "0000-00-00", "2025-13-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z",
    "10000-01-01", "2025-03-01", "2025-03-01T00:00:00", "2025-03-01T00:00:00+99:00", "253402300800000",
    "-99999999999999999999", "\x00", "\ud800", "\u202e", "a\nb", "'; drop table x; --", '"', "{{ 7 * 7 }}", "é" * 300,
    "../../etc/passwd", "ada@example.com", "gid://shopify/Order/", "gid://shopify/Order/1?x=1", "//", "http://[::1",
    "https://a.example:99999/?%zz=%", "act_", "1" * 40,
)  # fmt: skip
CHANGES = st.lists(
    st.tuples(
        st.integers(0, 10**6),
        st.sampled_from(["put", "put", "put", "drop", "twice", "raw"]),
        st.sampled_from(NASTY) | st.text(max_size=8) | st.integers() | st.floats(),
        st.sampled_from(RAW),
    ),
    min_size=1,
    max_size=3,
)


def fuzzed(*strategies: Any, share: float = 1.0, **named: Any) -> Callable:
    """`given`, with every input counted. `share`: of the usual number of inputs, for what is slow or simple."""

    def decorate(test: Callable) -> Callable:
        @settings(
            max_examples=max(5, int(EXAMPLES * share)), deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(*strategies, **named)
        @functools.wraps(test)
        def counted(*args: Any, **kwargs: Any) -> None:
            global tried
            tried += 1
            test(*args, **kwargs)

        return counted

    return decorate


def refused_or(act: Callable[[], Any]) -> Any:
    """What `act` returns, or None where it refused with one of our own errors, whose message a person can read."""
    try:
        return act()
    except MartError as error:
        told = str(error)
        assert told.strip() and len(told) < 6000
        assert "Traceback" not in told and "\x1b" not in told and "ada@example.com" not in told
        return None


def check_accepted(stream: Stream, pages: list[Page], first: date = date(1900, 1, 1)) -> None:
    """What was let through is what the stream declares: its columns and types, its keys, times of this world."""
    for page in pages:
        page.table.validate(full=True)
        assert page.table.schema.equals(stream.schema)
        for name in stream.key:
            assert page.table.column(name).null_count == 0, name
        for row in page.table.to_pylist():
            for value in _leaves(row):
                if isinstance(value, datetime):
                    value = value.date()
                if isinstance(value, date):
                    assert first <= value <= date(2199, 12, 31), value
        assert page.stated_rows is None or page.stated_rows >= 0


def changed(document: Any, changes: list[tuple]) -> bytes:
    """The document as JSON, with a few of its parts put out, doubled or replaced by something nasty."""
    document = json.loads(json.dumps(document))
    raw: dict[str, str] = {}
    for number, (where, how, nasty, literal) in enumerate(changes):
        places = list(_places(document))
        if not places:
            break
        holder, key = places[where % len(places)]
        if how == "drop":
            del holder[key]
        elif how == "twice" and isinstance(holder, list):
            holder.insert(key, holder[key])
        elif how == "raw":
            holder[key] = f"@raw{number}@"
            raw[f'"@raw{number}@"'] = literal
        else:
            holder[key] = copy.deepcopy(nasty)  # a later change must not change what is nasty
    text = json.dumps(document)
    for mark, literal in raw.items():
        text = text.replace(mark, literal)
    return text.encode()


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _leaves(inner)
    else:
        yield value


def table(pages: list[Page], stream: Stream) -> pa.Table:
    return pa.concat_tables([stream.schema.empty_table(), *(page.table for page in pages)])
