"""Which days are read next: nothing is left out, and a day run again reads the same days again."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketing_mart.landing import Read
from marketing_mart.landing.windows import entity_window, report_window
from marketing_mart.streams import DAY, Stream, Window, columns

STREAM = Stream("tests", "visits", "report", columns(date_day=DAY), key=("date_day",), day="date_day")
LEADING = Stream("tests", "touches", "report", columns(date_day=DAY), key=("date_day",), day="date_day", lead_days=30)
START = date(2025, 4, 1)


def read(last: date, first: date | None = START) -> Read:
    return Read(
        source="tests", stream="visits", kind="report", day=last, first_day=first, last_day=last, rows=1,
        landed_rows=1, stated_rows=None, new_versions=1, kpi_start=START, loaded_at=datetime.now(UTC), run_id="r",
    )  # fmt: skip


def june(day: int) -> date:
    return date(2025, 6, day)


def test_an_entity_is_read_in_full_at_first():
    assert entity_window([], june(10), lookback_days=1) == Window(None, june(10))


def test_an_entity_is_then_read_from_the_last_earlier_day_with_an_overlap():
    reads = [read(june(3), None), read(june(8), june(2))]
    assert entity_window(reads, june(10), lookback_days=1) == Window(june(7), june(10))


def test_an_entity_day_run_again_reads_the_same_again():
    first_time = entity_window([], june(10), lookback_days=1)
    assert entity_window([read(june(10), None)], june(10), lookback_days=1) == first_time
    assert entity_window([read(june(10), None), read(june(12), june(9))], june(10), lookback_days=1) == first_time


def test_backwards_an_entity_is_read_in_full_once():
    assert entity_window([read(june(12), None)], june(10), lookback_days=1) == Window(june(9), june(10))
    assert entity_window([read(june(12), june(8))], june(10), lookback_days=1) == Window(None, june(10))


def test_backwards_a_report_is_read_over_its_look_back_where_later_reads_cover_the_rest():
    assert report_window(STREAM, [read(june(12))], june(10), START, 7) == Window(june(3), june(10))
    later = [read(june(12), first=june(6))]
    assert report_window(STREAM, later, june(10), START, 7) == Window(START, june(10))
    assert report_window(STREAM, later, june(10), june(6), 7) == Window(june(6), june(10))


def test_a_report_begins_at_the_first_kpi_day_less_its_lead():
    assert report_window(STREAM, [], june(10), START, 30) == Window(START, june(10))
    assert report_window(LEADING, [], june(10), START, 30) == Window(date(2025, 3, 2), june(10))


def test_a_report_is_then_read_over_its_look_back():
    assert report_window(STREAM, [read(june(9))], june(10), START, 7) == Window(june(3), june(10))


def test_a_look_back_never_reaches_behind_the_first_day():
    assert report_window(STREAM, [read(june(9))], june(10), START, 365) == Window(START, june(10))


def test_without_a_look_back_only_new_days_are_read():
    assert report_window(STREAM, [read(june(9))], june(10), START, 0) == Window(june(10), june(10))


def test_after_an_outage_the_missed_days_and_their_look_back_are_read():
    assert report_window(STREAM, [read(june(4))], june(20), START, 2) == Window(june(3), june(20))


def test_a_hole_between_reads_is_filled():
    reads = [read(june(2)), read(june(9), first=june(5))]
    assert report_window(STREAM, reads, june(10), START, 1) == Window(june(3), june(10))


def test_a_short_read_inside_a_long_one_makes_no_hole():
    reads = [read(june(9)), read(june(3), first=june(1))]
    assert report_window(STREAM, reads, june(10), START, 1) == Window(june(9), june(10))


def test_an_earlier_first_kpi_day_brings_its_days():
    earlier = START - timedelta(days=40)
    assert report_window(STREAM, [read(june(9))], june(10), earlier, 7) == Window(earlier, june(10))


def test_a_day_before_the_first_kpi_day_is_read_alone():
    assert report_window(STREAM, [], START - timedelta(days=5), START, 7) == Window(
        START - timedelta(days=5), START - timedelta(days=5)
    )


@pytest.mark.parametrize("later_reads", [[june(10)], [june(10), june(15)]])
def test_a_report_day_run_again_reads_the_same_again(later_reads):
    before = [read(june(9))]
    again = before + [read(day, first=june(3)) for day in later_reads]
    assert report_window(STREAM, again, june(10), START, 7) == report_window(STREAM, before, june(10), START, 7)


@given(
    days=st.lists(st.integers(0, 120), min_size=1, max_size=12),
    lookbacks=st.lists(st.integers(0, 40), min_size=12, max_size=12),
    starts=st.lists(st.integers(-30, 30), min_size=12, max_size=12),
)
def test_whatever_was_run_when_no_day_up_to_a_run_is_ever_missing(days, lookbacks, starts):
    reads: list[Read] = []
    for offset, lookback, shift in zip(days, lookbacks, starts, strict=False):
        day, kpi_start = START + timedelta(days=offset), START + timedelta(days=shift)
        window = report_window(STREAM, reads, day, kpi_start, lookback)
        assert window == report_window(STREAM, [*reads, read(day, window.first)], day, kpi_start, lookback)
        reads.append(read(day, window.first))
        known = {
            one.first_day + timedelta(days=n) for one in reads for n in range((one.last_day - one.first_day).days + 1)
        }
        wanted = {kpi_start + timedelta(days=n) for n in range((day - kpi_start).days + 1)}
        assert wanted <= known
