"""What the landed gate looks at: what its run brought, and little else. What landed before was judged when it came.

Schema `landed` shows of each stream the rows that are offered: of reports the days that have a new version, of
entities the rows of the new loads. Streams of one source that count the same ads are compared with each other, so of
them the days show that any of them brought something new of, and the week before. `loads` and `reads` are the whole
manifest, with `is_offered`: what is usual is known from there without a look into a file.

Schema `known` has the keys of all rows that count, of entities that others refer to. Schema `before` has some rows of
the last load that was accepted, for a look at what its columns used to hold.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from marketing_mart.landing.manifest import Load
from marketing_mart.landing.offers import Offer
from marketing_mart.landing.sql import quoted
from marketing_mart.landing.views import counting, files_of, rows_that_count, view_name
from marketing_mart.streams import Stream

WEEK = timedelta(days=7)
ROWS_BEFORE = 5_000
COUNTS_ADS = {"impressions", "clicks"}
Views = dict[str, str]  # name -> SELECT


def schemas(
    streams: Iterable[Stream], loads: Sequence[Load], offered: Offer, manifest: Mapping[str, str], root: Path
) -> dict[str, Views]:
    """schema -> views. `loads`: those that count with the offer; `manifest`: the SELECTs of `loads` and `reads`."""
    new = set(offered.sequences)
    by_stream: dict[str, list[Load]] = {}
    for load in loads:
        by_stream.setdefault(f"{load.source}/{load.stream}", []).append(load)
    streams = list(streams)
    days = _days_of_ads(streams, by_stream, offered)
    found: dict[str, Views] = {"landed": {}, "known": {}, "before": {}}
    for stream in streams:
        of_stream, name = by_stream.get(stream.label, []), view_name(stream)
        brought = [load for load in of_stream if load.read in new]
        shown = brought if stream.kind == "entity" else _of_days(of_stream, brought, days.get(stream.label, set()))
        found["landed"][name] = rows_that_count(stream, shown, root)
        if stream.kind == "entity" and (files := counting(of_stream)):
            keys = ", ".join(quoted(column) for column in stream.key)
            found["known"][name] = f"select {keys} from {files_of(files, root)}"
        before = [load for load in counting(of_stream) if load.read not in new and load.rows]
        if brought and before:
            found["before"][name] = f"{rows_that_count(stream, before[-1:], root)} limit {ROWS_BEFORE}"
    reads = ", ".join(str(read) for read in sorted(new)) or "null"
    found["landed"]["loads"] = f"select *, coalesce(read in ({reads}), false) as is_offered from ({manifest['loads']})"
    found["landed"]["reads"] = (
        f"select *, coalesce(sequence in ({reads}), false) as is_offered from ({manifest['reads']})"
    )
    return found


def _days_of_ads(
    streams: Iterable[Stream], by_stream: Mapping[str, Sequence[Load]], offered: Offer
) -> dict[str, set[date]]:
    """label -> the days to show of each stream that counts ads."""
    new, ads = set(offered.sequences), [stream for stream in streams if set(stream.totals) >= COUNTS_ADS]
    ads = [stream for stream in ads if stream.kind == "report" and stream.source in offered.days]
    touched: dict[str, set[date]] = {}
    for stream in ads:
        last = offered.days[stream.source]
        days = touched.setdefault(stream.source, {last - WEEK + timedelta(days=n) for n in range(8)})
        days |= {load.day for load in by_stream.get(stream.label, []) if load.read in new}
    return {stream.label: touched[stream.source] for stream in ads}


def _of_days(loads: Iterable[Load], brought: Iterable[Load], days: set[date]) -> list[Load]:
    wanted = days | {load.day for load in brought}
    return [load for load in loads if load.is_current and load.day in wanted]
