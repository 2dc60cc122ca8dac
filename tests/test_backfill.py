"""Days loaded newest first, day by day, at once, or by two at a time are the same; the stages run without dbt."""

import multiprocessing
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import BrokenBarrierError
from zoneinfo import ZoneInfo

import duckdb
import pytest
from landing_world import ADS, BUDGETS, ORDERS, land, page, select
from test_acceptance import INBOX, Mart, nothing

from marketing_mart import backfill, pipeline, settings
from marketing_mart.beginning import day_of
from marketing_mart.errors import ConfigError, GateFailed, PlaceTaken
from marketing_mart.landing import Landing
from marketing_mart.landing.manifest import Manifest
from marketing_mart.registry import Registry
from marketing_mart.streams import Stream, Window

SPAWN = multiprocessing.get_context("spawn")
STREAMS = (ADS, ORDERS, BUDGETS)
FIRST, LAST = date(2025, 6, 1), date(2025, 6, 9)
DAYS = [FIRST + timedelta(days=n) for n in range(9)]
LOOKBACK = 2


def rows_of(stream: Stream, window: Window) -> list[tuple]:
    """What the source answers: it does not depend on when it is asked."""
    if stream is ADS:
        days = [day for day in DAYS if window.first <= day <= window.last and day.day != 4]  # no ads on the fourth
        return [(day, campaign, "EUR", day.day, Decimal(day.day)) for day in days for campaign in ("a", "b")]
    if stream is ORDERS:
        changed = [datetime(2025, 6, day.day, 12, tzinfo=UTC) for day in DAYS]
        return [
            (f"o{at.day}", at, Decimal(at.day), None)
            for at in changed
            if window.first is None or at.date() >= window.first
        ]
    return [("Paid Search", Decimal(100)), ("Paid Social", Decimal(50))]


def run_day(home: Path, day: date, kpi_start: date, run_id: str) -> None:
    """What a run of a day reads of each stream, and its gate accepts."""
    landing = Landing(home)
    for stream in STREAMS:
        if stream.kind == "report":
            window = landing.report_window(stream, day, kpi_start, LOOKBACK)
        else:
            window = landing.entity_window(stream, day, 1)
        pages = [page(stream, rows_of(stream, window))]
        landing.land(stream, window, pages, kpi_start=kpi_start, loaded_at=datetime.now(UTC), run_id=run_id)
    offered = landing.offer(run_id)
    landing.judge(offered, accepted=offered.days, rejected=(), run_id=run_id, judged_at=datetime.now(UTC))


def run_days(home: Path, days: list[date], name: str, kpi_start: date | None = None) -> None:
    start = kpi_start or days[0]
    for day in days:
        start = min(start, day)
        run_day(home, day, start, f"{name}-{day}")


def landed(home: Path) -> dict[str, list[tuple]]:
    """All rows that count, of each stream."""
    views = Landing(home).views(STREAMS)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        return {
            stream.name: connection.execute(
                f"from ({views[f'{stream.source}__{stream.name}']}) order by all"
            ).fetchall()
            for stream in STREAMS
        }


def reads_of(home: Path, stream: Stream) -> list[tuple[date | None, date]]:
    return [(read.first_day, read.last_day) for read in Landing(home).reads(stream)]


def test_days_landed_newest_first_day_by_day_and_at_once_are_the_same(tmp_path):
    run_days(tmp_path / "by day", DAYS, "daily")
    run_days(tmp_path / "newest first", DAYS[::-1], "backfill")
    run_days(tmp_path / "shuffled", [DAYS[n] for n in (8, 2, 5, 0, 1, 3, 4, 6, 7)], "again")
    run_days(tmp_path / "with holes", [LAST, DAYS[4], FIRST, LAST], "holes")  # the last day again fills them
    run_days(tmp_path / "at once", [LAST], "once", kpi_start=FIRST)
    by_day = landed(tmp_path / "by day")
    assert [len(rows) for rows in by_day.values()] == [16, 9, 2]
    for other in ("newest first", "shuffled", "with holes", "at once"):
        assert landed(tmp_path / other) == by_day, other


def test_what_comes_again_after_another_days_load_counts_again(tmp_path):
    """Rows without a time of change: the newest load is right, whichever day it was for."""
    landing = Landing(tmp_path)
    for number, (day, amount) in enumerate([(9, "100"), (5, "50"), (9, "100"), (9, "100")]):
        land(landing, BUDGETS, [("Paid Search", Decimal(amount))], window=Window(None, DAYS[day - 1]), run=str(number))
    assert select(landing, BUDGETS, "amount") == [(Decimal(100),)]
    assert [load.version for load in landing.loads(BUDGETS)] == [1, 1, 2]  # the last one brought nothing new


def test_a_backfill_of_days_that_are_there_changes_no_row(tmp_path):
    run_days(tmp_path, DAYS, "daily")
    before, fingerprint = landed(tmp_path), Landing(tmp_path).fingerprint([ADS])
    run_days(tmp_path, DAYS[5:1:-1], "backfill", kpi_start=FIRST)
    assert landed(tmp_path) == before
    assert Landing(tmp_path).fingerprint([ADS]) == fingerprint


def test_backwards_the_full_history_is_read_once_and_reports_over_their_look_back(tmp_path):
    run_days(tmp_path, [LAST], "first", kpi_start=FIRST)
    run_days(tmp_path, DAYS[7:5:-1], "backfill", kpi_start=FIRST)
    assert reads_of(tmp_path, ORDERS) == [(None, LAST), (date(2025, 6, 7), DAYS[7]), (date(2025, 6, 6), DAYS[6])]
    assert reads_of(tmp_path, ADS) == [(FIRST, LAST), (date(2025, 6, 6), DAYS[7]), (date(2025, 6, 5), DAYS[6])]


def _run_days_at_once(home: Path, days: list[date], name: str, begin, meet) -> None:
    """The first load of each waits for the other's just before it is recorded: without the stream's lock they meet, and
    both take the same versions; with it the first waits in vain."""
    record, met = Manifest.record, []

    def record_together(*told) -> None:
        if not met:
            met.append(True)
            with suppress(BrokenBarrierError):
                meet.wait(1)
        record(*told)

    Manifest.record = record_together
    begin.wait()
    run_days(home, days, name, kpi_start=FIRST)


def test_two_backfills_of_overlapping_days_at_once_land_what_one_would(tmp_path):
    run_days(tmp_path / "one", DAYS, "daily", kpi_start=FIRST)
    begin, meet = SPAWN.Barrier(2), SPAWN.Barrier(2)
    workers = [
        SPAWN.Process(target=_run_days_at_once, args=(tmp_path / "two", days, name, begin, meet))
        for name, days in (("one", DAYS[6::-1]), ("other", DAYS[:2:-1]))
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert landed(tmp_path / "two") == landed(tmp_path / "one")
    landing = Landing(tmp_path / "two")
    assert all((landing.root / load.path).exists() for load in landing.loads() if load.path)
    assert landing.sweep() == 0


@pytest.fixture
def mart(tmp_path, monkeypatch) -> Mart:
    mart = Mart(tmp_path, monkeypatch)
    mart.stand_in_gate()
    may = INBOX.strip().splitlines()[1].replace("2025-06-01", "2025-05-20")  # a file speaks for no day before its first
    (tmp_path / "inbox" / "ad_performance.csv").write_text(f"{INBOX.strip()}\n{may}\n")
    return mart


def kpi_start(mart: Mart, run: str) -> date:
    return Registry(mart.home).run(run).kpi_start


def older(mart: Mart, day: int) -> str:
    run = pipeline.start(datetime(2025, 5, day, 3, tzinfo=UTC), {}, "backfill")
    mart.extract(run)
    pipeline.check_landed(run)
    Registry(mart.home).end_run(run, "published")
    return run


def test_newest_first_the_first_kpi_day_moves_back_with_each_run(mart):
    Registry(mart.home).end_run(mart.run("2025-06-02"), "published")
    assert [kpi_start(mart, older(mart, day)) for day in (31, 30, 29)] == [date(2025, 5, d) for d in (31, 30, 29)]


def test_a_day_that_leaves_a_gap_is_landed_and_shown_once_the_gap_is_closed(mart):
    Registry(mart.home).end_run(mart.run("2025-06-02"), "published")
    starts = [kpi_start(mart, older(mart, day)) for day in (29, 30, 31)]
    assert starts == [date(2025, 6, 1), date(2025, 6, 1), date(2025, 5, 29)]
    assert "29" in mart.counting()


def test_a_day_that_the_gate_rejected_closes_no_gap(mart):
    Registry(mart.home).end_run(mart.run("2025-06-02"), "published")
    answer, mart.meta = mart.meta, nothing
    mart.stand_in_gate()
    run = pipeline.start(datetime(2025, 5, 31, 3, tzinfo=UTC), {}, "backfill")
    mart.extract(run)
    with pytest.raises(GateFailed):
        pipeline.check_landed(run)
    Registry(mart.home).end_run(run, "failed")
    mart.meta = answer
    assert kpi_start(mart, older(mart, 30)) == date(2025, 6, 1)


def test_an_earlier_start_that_is_asked_for_is_read_at_once(mart):
    Registry(mart.home).end_run(mart.run("2025-06-02"), "published")
    run = pipeline.start(None, {"mart_date": "2025-06-03", "mart_start": "2025-05-25"})
    assert kpi_start(mart, run) == date(2025, 5, 25)
    mart.extract(run)
    pipeline.check_landed(run)
    assert set(mart.counting()) >= {"25", "26", "27", "28", "29", "30", "31", "01", "02", "03"}


def test_a_run_of_a_backfill_waits_for_the_run_under_way(mart):
    mart.start("2025-06-02")
    with pytest.raises(PlaceTaken, match="is under way"):
        pipeline.start(datetime(2025, 5, 31, 3, tzinfo=UTC), {}, "backfill")
    assert len(Registry(mart.home).history()) == 1


def test_the_day_of_a_backfills_run_is_its_own_whatever_the_environment_says(tmp_path):
    (tmp_path / "mart.yml").write_text("reporting: {timezone: Asia/Shanghai}\nsources: {files: {}}\n")
    config = settings.load({"MART_CONFIG": str(tmp_path / "mart.yml"), "MART_DATE": "2025-06-30"})
    logical = datetime(2025, 6, 1, 19, tzinfo=UTC)  # 03:00 on the second in Shanghai
    assert day_of(config, logical, {"mart_date": "2025-06-29"}, "backfill") == date(2025, 6, 2)
    assert day_of(config, logical, {}, "run") == date(2025, 6, 30)


def test_the_command_covers_whole_days_of_the_reporting_zone():
    told = backfill.command(ZoneInfo("Europe/Berlin"), date(2025, 3, 29), date(2025, 3, 31))
    assert told[told.index("--from-date") + 1] == "2025-03-29T00:00:00+01:00"
    assert told[told.index("--to-date") + 1] == "2025-03-31T23:59:59+02:00"
    assert told[told.index("--max-active-runs") + 1] == "1"
    assert "--dry-run" not in told


@pytest.mark.parametrize(("first", "last"), [("", "2025-06-01"), ("junk", "2025-06-01"), ("2025-06-02", "2025-06-01")])
def test_days_that_cannot_be_meant_are_refused(first, last):
    with pytest.raises(ConfigError, match="a backfill from"):
        backfill.days_of(first, last)
