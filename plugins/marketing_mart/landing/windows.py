"""Which days to read next, as pure functions of the reads that count: the same answer when a day is run again.

A read that no gate has accepted brought nothing, so the next one begins where the last accepted one ended.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from marketing_mart.landing.manifest import Read
from marketing_mart.streams import Stream, Window

ONE_DAY = timedelta(days=1)


def entity_window(reads: Iterable[Read], day: date, lookback_days: int) -> Window:
    """The full history at first, then what changed since the last read of an earlier day, with an overlap.

    Reads of `day` itself are left out of account, so running a day again reads the same window again. A backfill that
    goes backwards has later reads only: if one of these was of the full history, that is not read again each day.
    """
    reads = list(reads)
    earlier = [read.day for read in reads if read.day < day]
    if not earlier:
        is_known = any(read.day > day and read.first_day is None for read in reads)
        return Window(first=day - timedelta(days=lookback_days) if is_known else None, last=day)
    return Window(first=max(earlier) - timedelta(days=lookback_days), last=day)


def report_window(stream: Stream, reads: Iterable[Read], day: date, kpi_start: date, lookback_days: int) -> Window:
    """From the first KPI day (less the stream's lead) at first, then the look-back.

    No day is ever left out: after an outage, or when the first KPI day moves to an earlier one, the window
    begins at the first day that no earlier read has covered. Reads of `day` itself are left out of account, and so
    are later ones, but where a backfill goes backwards and has no others.
    """
    reads = list(reads)
    start = min(kpi_start - timedelta(days=stream.lead_days), day)
    earlier = [read for read in reads if read.day < day]
    others = earlier or [read for read in reads if read.day > day]
    if not others:
        return Window(first=start, last=day)
    after_last = max(read.day for read in earlier) + ONE_DAY if earlier else day
    first = min(after_last - timedelta(days=lookback_days), _first_uncovered(others, start, day))
    return Window(first=max(first, start), last=day)


def _first_uncovered(reads: Sequence[Read], start: date, day: date) -> date:
    """The first day from `start` on that no read covers; `day` where all before it are covered."""
    candidate = start
    for read in sorted(reads, key=lambda read: (read.first_day, read.last_day)):
        if read.first_day > candidate:
            break
        candidate = max(candidate, read.last_day + ONE_DAY)
    return min(candidate, day)
