"""Only what passed the landed gate counts: not in a later run, not after a kill, not where the source is left out.

The stages run without Airflow and without dbt. Meta's rows are made up here, the `files` source reads an inbox; but
for the first test a small gate stands in for the real one, which takes seconds to import.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from marketing_mart import pipeline, quality
from marketing_mart.connectors import meta_ads, streams
from marketing_mart.errors import GateBroken, GateFailed, LostPlace, SourceUnavailable
from marketing_mart.landing import Landing
from marketing_mart.quality import CheckResult, GateContext, GateResult
from marketing_mart.streams import Access, Page, Stream, Window

CONFIG = "sources:\n  meta_ads: {lookback_days: 3}\n  files: {}\n"
INBOX = """
date_day,platform,account_id,account_name,campaign_id,campaign_name,currency,impressions,clicks,spend
2025-06-01,x_ads,1,Shop,c1,Summer,EUR,100,10,5.50
2025-06-02,x_ads,1,Shop,c1,Summer,EUR,100,10,5.50
2025-06-03,x_ads,1,Shop,c1,Summer,EUR,100,10,5.50
2025-06-04,x_ads,1,Shop,c1,Summer,EUR,100,10,5.50
"""
Answer = Callable[[date], str | None]  # a day -> its spend; None: no row
SPEND = "meta_ads__account_insights"


class Mart:
    """A MART_HOME, and what Meta answers to whoever asks."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home, self.monkeypatch = folder / "home", monkeypatch
        self.meta: Answer = lambda day: "10"
        (folder / "inbox").mkdir()
        (folder / "inbox" / "ad_performance.csv").write_text(INBOX.lstrip())
        (folder / "mart.yml").write_text(CONFIG)
        monkeypatch.setenv("MART_CONFIG", str(folder / "mart.yml"))
        monkeypatch.setenv("MART_INBOX", str(folder / "inbox"))
        monkeypatch.setenv("MART_HOME", str(self.home))
        monkeypatch.setattr(meta_ads, "read", self._read)

    def stand_in_gate(self, *, forgiving: bool = False, raising: bool = False) -> None:
        """Meta must have a row of the day that it was read for; files are always well."""

        def check_landed(database: Path, out: Path, *, context: GateContext) -> GateResult:
            day = context.days.get("meta_ads", context.day)
            with duckdb.connect(str(database), read_only=True) as connection:
                (ok,) = connection.execute(
                    "select count(*) from landed.loads where source || '__' || stream = ? and day = ?"
                    " and is_current and rows > 0",
                    [SPEND, day],
                ).fetchone()
            checked = {stream.source for stream in context.streams_on} - context.stale.keys()
            return GateResult("landed", context.day, tuple(
                CheckResult(
                    table=SPEND, name=f"{source}_of_{day}", severity="error", broken=raising and source == "meta_ads",
                    ok=forgiving or source == "files" or (bool(ok) and not raising), observed="", expected="",
                    failed_rows=0, sample_path="", owner="", next_step="", why="", source=source,
                )
                for source in sorted(checked)
            ))  # fmt: skip

        self.monkeypatch.setattr(quality, "check_landed", check_landed)

    def start(self, day: str) -> str:
        return pipeline.start(None, {"mart_date": day, "mart_start": "2025-06-01"})

    def extract(self, run: str, *sources: str, is_last_try: bool = True) -> None:
        key = Access("identity", "", secret="a key of the tests")
        for source in sources or ("meta_ads", "files"):
            pipeline.extract(run, source, Access(source, ""), key, is_last_try=is_last_try)

    def run(self, day: str, *sources: str) -> str:
        """A run up to its landed gate, of some sources or of all."""
        with self.monkeypatch.context() as changed:
            changed.setenv("MART_SOURCES", ",".join(sources) or "meta_ads,files")
            run = self.start(day)
            self.extract(run, *sources)
            pipeline.check_landed(run)
        return run

    def counting(self) -> dict[str, str]:
        """Meta's spend by day, as a build would see it now."""
        view = Landing(self.home).views(streams())[SPEND]
        rows = duckdb.sql(f"select date_day, spend from ({view}) order by 1").fetchall()
        return {f"{day:%d}": f"{spend:f}".rstrip("0").rstrip(".") for day, spend in rows}

    def _read(self, stream: Stream, window: Window, *_) -> Iterator[Page]:
        if stream.kind == "entity":  # the ads' own pages, which nothing here is about
            return
        days = [window.first + timedelta(days=n) for n in range((window.last - window.first).days + 1)]
        known = {"account_id": "1", "account_name": "Shop", "currency": "EUR", "impressions": 9, "clicks": 1}
        known |= {"campaign_id": "c", "ad_group_id": "g", "ad_id": "a"}
        rows = [
            {name: (known | {"date_day": day, "spend": Decimal(spend)}).get(name) for name in stream.schema.names}
            for day in days
            if (spend := self.meta(day)) is not None
        ]
        yield Page(pa.Table.from_pylist(rows, schema=stream.schema))


@pytest.fixture
def real_mart(tmp_path, monkeypatch) -> Mart:
    return Mart(tmp_path, monkeypatch)


@pytest.fixture
def mart(real_mart) -> Mart:
    real_mart.stand_in_gate()
    return real_mart


def nothing(_: date) -> None:
    """What a source that lost its rights answers."""


def test_what_the_gate_rejected_does_not_count_in_a_run_without_that_source(real_mart):
    mart = real_mart
    mart.run("2025-06-02")
    assert mart.counting() == {"01": "10", "02": "10"}
    mart.meta = nothing
    with pytest.raises(GateFailed, match=f"{SPEND} not_empty"):
        mart.run("2025-06-03")
    mart.run("2025-06-03", "files")
    assert mart.counting() == {"01": "10", "02": "10"}


def test_what_was_rejected_is_checked_again_when_it_comes_again(mart):
    mart.run("2025-06-01")
    mart.meta = nothing
    for _ in range(2):
        with pytest.raises(GateFailed):
            mart.run("2025-06-02")
    assert mart.counting() == {"01": "10"}
    mart.stand_in_gate(forgiving=True)  # the source is paused, and the team says so
    mart.run("2025-06-02")
    assert mart.counting() == {}


def test_a_source_that_is_green_counts_though_another_is_red(mart):
    """Else the run of one source, which the message asks for, would publish a day without the others."""
    mart.meta = nothing
    with pytest.raises(GateFailed):
        mart.run("2025-06-02")
    verdicts = {(read.source, read.verdict) for read in Landing(mart.home).reads()}
    assert verdicts == {("files", "accepted"), ("meta_ads", "rejected")}


def test_what_no_gate_came_to_look_at_is_judged_by_the_next_one(mart):
    mart.extract(mart.start("2025-06-02"), "meta_ads")  # files failed, and stopped the run
    assert mart.counting() == {}
    mart.run("2025-06-03", "files")
    assert mart.counting() == {"01": "10", "02": "10"}


def test_what_no_gate_came_to_look_at_can_be_rejected_too(mart):
    mart.run("2025-06-01")
    mart.meta = nothing
    mart.extract(mart.start("2025-06-02"), "meta_ads")
    with pytest.raises(GateFailed, match="meta_ads_of_2025-06-02"):
        mart.run("2025-06-03", "files")
    mart.run("2025-06-03", "files")
    assert mart.counting() == {"01": "10"}


def test_a_source_that_was_read_in_part_is_not_judged(mart):
    mart.run("2025-06-01")

    def dies(day: date) -> str:
        if Landing(mart.home).reads()[-1].stream == "account_insights":
            raise SourceUnavailable("gone away")
        return "20"

    mart.meta = dies
    with suppress(SourceUnavailable):
        mart.extract(mart.start("2025-06-02"), "meta_ads")
    assert [read.stream for read in Landing(mart.home).reads() if read.verdict is None] == ["account_insights"]
    mart.run("2025-06-02", "files")
    assert mart.counting() == {"01": "10"}


def test_the_next_read_reaches_back_to_the_last_accepted_one(mart):
    mart.run("2025-06-02")
    mart.meta = lambda day: None if day.day == 9 else "20"
    with pytest.raises(GateFailed):
        mart.run("2025-06-09")
    mart.meta = lambda day: "30"
    mart.run("2025-06-12")
    assert mart.counting() == {f"{day:02}": "30" for day in range(1, 13)}


def test_one_source_can_be_mended_and_tried_again_within_its_run(mart):
    mart.run("2025-06-01")
    mart.meta = lambda day: None if day.day == 2 else "20"
    with pytest.raises(GateFailed):
        mart.run("2025-06-02")
    run = Landing(mart.home).reads()[-1].run_id
    mart.meta = lambda day: "10"  # of the first day: just what counts already
    mart.extract(run, "meta_ads")
    pipeline.check_landed(run)
    assert mart.counting() == {"01": "10", "02": "10"}


def test_a_gate_killed_before_its_verdict_is_run_again(mart, monkeypatch):
    def killed(*_, **__):
        raise KeyboardInterrupt

    run = mart.start("2025-06-02")
    mart.extract(run)
    with monkeypatch.context() as changed, pytest.raises(KeyboardInterrupt):
        changed.setattr(Landing, "judge", killed)
        pipeline.check_landed(run)
    assert mart.counting() == {}
    for _ in range(2):  # and one killed right after it
        pipeline.check_landed(run)
        assert mart.counting() == {"01": "10", "02": "10"}


def test_a_check_that_raised_leaves_its_source_unjudged(mart):
    run = mart.start("2025-06-02")
    mart.extract(run)
    mart.stand_in_gate(raising=True)
    with pytest.raises(GateBroken):
        pipeline.check_landed(run)
    assert {read.source for read in Landing(mart.home).reads() if read.verdict is None} == {"meta_ads"}
    mart.stand_in_gate()
    pipeline.check_landed(run)
    assert mart.counting() == {"01": "10", "02": "10"}


def test_a_run_that_lost_its_place_accepts_nothing(mart):
    orphan = mart.start("2025-06-02")
    mart.extract(orphan)
    mart.start("2025-06-02")
    with pytest.raises(LostPlace):
        pipeline.check_landed(orphan)
    assert mart.counting() == {}
