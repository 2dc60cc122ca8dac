"""The same rows through the landing in two loads: some as they were before, then all of them in another order."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from landed_world import STREAMS

from marketing_mart.landing import Landing
from marketing_mart.streams import Page, Stream, Window

from . import Row, Rows
from .compiled import FIRST, LAST

MIDDLE = date(2024, 3, 20)  # the day as of which the first load saw things
RESTATED = MIDDLE - timedelta(10)  # a report's days from here on were still to change
LATER = ("amount", "gross_amount", "net_amount", "spend", "rate", "cost_micros", "impressions", "clicks")
UNKNOWN = ("refunds", "merged_ids", "lifecycle_history", "email_hash", "phone_hash", "closed_at", "is_won", "status")


def landed_in_parts(rows: Rows, home: Path, seed: int) -> dict[str, str]:
    """What the landing shows at last, for `Compiled.mart`; backwards, since a landed file is sorted by its keys."""
    landing = Landing(home)
    for number, (day, told) in enumerate(_loads(rows, random.Random(seed))):
        for name, given in told.items():
            stream = STREAMS[name]
            page = Page(pa.Table.from_pylist(given, schema=stream.schema))
            at = datetime.combine(day + timedelta(1), time(6 + number), tzinfo=UTC)
            window = _window(stream, rows[name], day)
            landing.land(stream, window, [page], kpi_start=FIRST, loaded_at=at, run_id=str(number))
        offered = landing.offer(str(number), lambda _run, _source: True)
        landing.judge(offered, accepted=offered.days, rejected=(), run_id=str(number), judged_at=at)
    views = landing.views(STREAMS.values())
    backwards = {name: ", ".join(f"{key} desc" for key in stream.key) for name, stream in STREAMS.items()}
    return views | {name: f"from ({views[name]}) order by {keys}" for name, keys in backwards.items()}


def _loads(rows: Rows, chance: random.Random) -> Iterator[tuple[date, Rows]]:
    """The day that a load is for, and its rows. An entity may stand twice in a load."""
    given = {name: told for name, told in rows.items() if told}
    yield (
        MIDDLE,
        {name: list(filter(None, (_before(STREAMS[name], one) for one in told))) for name, told in given.items()},
    )
    yield (
        LAST,
        {
            name: chance.sample(told, len(told)) * (2 if STREAMS[name].kind == "entity" else 1)
            for name, told in given.items()
        },
    )


def _window(stream: Stream, rows: list[Row], day: date) -> Window:
    """A report's from its first day on; the last load sees all there is, beyond the mart's day too."""
    if stream.kind == "entity":
        return Window(None, day)
    days = [one[stream.day] for one in rows]
    return Window(min(*days, day), day if day < LAST else max(*days, day))


def _before(stream: Stream, one: Row) -> Row | None:
    """A row as the first load saw it, None if not at all: amounts were others, and less was known."""
    day = one.get(stream.day) if stream.day else None
    if day and day > MIDDLE:
        return None
    if day and day < RESTATED:
        return one
    return {name: _value_before(stream, name, value) for name, value in one.items()}


def _value_before(stream: Stream, name: str, value: Any) -> Any:
    if value is None or name in stream.key:
        return value
    if name == stream.changed_at:
        return value - timedelta(1)
    if name in LATER:
        return 2 * value
    return None if name in UNKNOWN else value
