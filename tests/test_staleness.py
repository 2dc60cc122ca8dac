"""A source that can't be read, or fails its gate: the release waits for it, or goes out without it and says so."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from test_acceptance import CONFIG, Mart, nothing

from marketing_mart import pipeline, settings, staleness
from marketing_mart.candidate import told_to_models
from marketing_mart.errors import (
    ConfigError,
    GateBroken,
    GateFailed,
    LandingError,
    RowsRefused,
    SourceMalformed,
    SourceRefused,
    SourceUnavailable,
)
from marketing_mart.landing import Landing
from marketing_mart.model_variables import MEASURES_OF
from marketing_mart.quality import CheckResult, GateResult
from marketing_mart.registry import Registry

STALE = CONFIG + "freshness:\n  meta_ads: {when_late: publish_stale}\nalerts: {owners: {meta_ads: ads-team}}\n"
ADS = next(feeds for feeds, measures in MEASURES_OF.items() if "spend" in measures)
GONE = "meta_ads/ads: no answer from ann@example.com"


@pytest.fixture
def mart(tmp_path, monkeypatch) -> Mart:
    """Meta may be published stale; it has landed June 1st."""
    mart = Mart(tmp_path, monkeypatch)
    (tmp_path / "mart.yml").write_text(STALE)
    mart.stand_in_gate()
    mart.run("2025-06-01")
    return mart


def fails(mart: Mart, error: Exception) -> None:
    """Meta answers for the accounts, whose days land, and then no more."""

    def answer(_: date) -> str:
        if Landing(mart.home).reads()[-1].stream == "account_insights":
            raise error
        return "99"

    mart.meta = answer


def stage(mart: Mart, run: str, name: str):
    return [stage for stage in Registry(mart.home).stages(run) if stage.stage == name][-1]


def alerts(mart: Mart) -> Iterator[dict]:
    """What is kept to be told when the run has ended."""
    path = mart.home / "alerts.json"
    return json.loads(path.read_text())["held"] if path.exists() else []


def told(mart: Mart, run: str, current=None) -> dict[str, str]:
    return staleness.published_stale(settings.load(), run, current)


@pytest.mark.parametrize("kind", [SourceUnavailable, SourceRefused, SourceMalformed, RowsRefused])
def test_the_run_goes_on_with_what_landed_before_and_says_so(mart, kind):
    fails(mart, kind(GONE))
    run = mart.run("2025-06-02")
    assert mart.counting() == {"01": "10"}
    read = stage(mart, run, "extract meta_ads")
    assert (read.outcome, read.detail["stale"]) == ("stale", "meta_ads/ads: no answer from (address)")
    assert told(mart, run) == {"meta_ads": "meta_ads/ads: no answer from (address)"}
    (alert,) = alerts(mart)
    assert (alert["severity"], alert["source"], alert["owner"]) == ("warning", "meta_ads", "ads-team")
    assert alert["title"] == "meta_ads is published stale: newest day 2025-06-01"
    assert alert["next_step"] == (kind(GONE).next_step or "make run MART_DATE=2025-06-02 MART_SOURCES=meta_ads")
    half = [read for read in Landing(mart.home).reads() if read.source == "meta_ads" and read.run_id == run]
    assert [(read.stream, read.verdict) for read in half] == [("account_insights", None)]


def test_the_models_are_told_until_when_a_stale_source_told(mart):
    fails(mart, SourceUnavailable(GONE))
    run = Registry(mart.home).run(mart.run("2025-06-02"))
    until = told_to_models(settings.load(), run, None, {"meta_ads": "no answer"})["measures_told_until"]
    assert until == dict.fromkeys(MEASURES_OF[ADS], "2025-06-01")
    assert told_to_models(settings.load(), run, None, {})["measures_told_until"] == {}
    assert told_to_models(settings.load(), run, None, {"files": "gone"})["measures_told_until"] == {}


def test_a_source_that_answers_again_is_stale_no_more(mart):
    fails(mart, SourceUnavailable(GONE))
    mart.run("2025-06-02")
    mart.meta = lambda day: "20"
    run = mart.run("2025-06-03")
    assert mart.counting() == {"01": "20", "02": "20", "03": "20"}
    assert told(mart, run) == {}


def test_a_task_cleared_alone_makes_the_source_fresh_within_its_run(mart):
    fails(mart, SourceUnavailable(GONE))
    run = mart.run("2025-06-02")
    mart.meta = lambda day: "20"
    mart.extract(run, "meta_ads")
    pipeline.check_landed(run)
    assert mart.counting() == {"01": "20", "02": "20"}
    assert told(mart, run) == {}


def test_while_another_try_may_succeed_the_task_fails(mart):
    fails(mart, SourceUnavailable(GONE))
    run = mart.start("2025-06-02")
    with pytest.raises(SourceUnavailable):
        mart.extract(run, "meta_ads", is_last_try=False)
    assert stage(mart, run, "extract meta_ads").outcome == "failed"
    assert alerts(mart) == []


@pytest.mark.parametrize("kind", [ConfigError, LandingError, ValueError])
def test_what_is_no_fault_of_the_source_stops_the_run(mart, kind):
    fails(mart, kind("the disk is full"))
    with pytest.raises(kind):
        mart.run("2025-06-02")


def test_without_the_policy_the_run_stops(mart, tmp_path):
    (tmp_path / "mart.yml").write_text(CONFIG)
    fails(mart, SourceUnavailable(GONE))
    with pytest.raises(SourceUnavailable):
        mart.run("2025-06-02")


def test_a_source_that_was_never_read_can_not_be_published_stale(tmp_path, monkeypatch):
    mart = Mart(tmp_path, monkeypatch)
    (tmp_path / "mart.yml").write_text(STALE)
    mart.stand_in_gate()
    fails(mart, SourceUnavailable(GONE))
    mart.run("2025-06-01", "files")
    with pytest.raises(SourceUnavailable):
        mart.run("2025-06-02")


def test_what_the_gate_finds_red_is_kept_out_and_the_run_goes_on(tmp_path, monkeypatch):
    """Through the real gate."""
    mart = Mart(tmp_path, monkeypatch)
    (tmp_path / "mart.yml").write_text(STALE)
    mart.meta = nothing
    with pytest.raises(GateFailed):
        mart.run("2025-06-01")  # there is nothing yet to go on with
    mart.meta = lambda day: "10"
    mart.run("2025-06-01")
    mart.meta = nothing
    run = mart.run("2025-06-02")
    assert mart.counting() == {"01": "10"}
    assert {
        read.verdict for read in Landing(mart.home).reads() if read.run_id == run and read.source == "meta_ads"
    } == {"rejected"}
    (why,) = told(mart, run).values()
    assert why.startswith("landed.meta_ads__")
    pipeline.check_landed(run)  # cleared, though what it had judged is offered to no one any more
    assert set(told(mart, run)) == {"meta_ads"}
    assert {alert["owner"] for alert in alerts(mart)} == {"ads-team"}
    checks = [check for check in Registry(mart.home).checks(run, "landed") if not check["ok"]]
    assert {check["severity"] for check in checks} == {"warning"}
    assert {check["owner"] for check in checks} == {"ads-team"}


def test_a_source_that_could_not_be_read_is_a_warning_of_the_gate(tmp_path, monkeypatch):
    mart = Mart(tmp_path, monkeypatch)
    (tmp_path / "mart.yml").write_text(STALE)
    mart.run("2025-06-01")
    fails(mart, SourceUnavailable(GONE))
    run = mart.run("2025-06-02")
    (check,) = (check for check in Registry(mart.home).checks(run, "landed") if check["source"] == "meta_ads")
    assert (check["name"], check["ok"], check["severity"]) == ("meta_ads_not_stale", False, "warning")
    assert "no answer from (address)" in check["why"]


def test_a_source_that_nobody_has_read_since_stays_as_stale_as_it_was(mart):
    fails(mart, SourceUnavailable(GONE))
    run = mart.run("2025-06-02")
    registry = Registry(mart.home)
    with registry.stage(run, "build") as detail:
        detail["published_stale"] = told(mart, run)
    current = SimpleNamespace(run_id=run, published_at=registry.stages(run)[-1].started_at)
    assert told(mart, mart.run("2025-06-02", "files"), current) == told(mart, run)
    mart.meta = lambda day: "20"
    mart.run("2025-06-02", "meta_ads")
    assert told(mart, mart.run("2025-06-02", "files"), current) == {}


def check(name: str, source: str, *, ok: bool = False, broken: bool = False) -> CheckResult:
    return CheckResult(
        table=f"landed.{source}", name=name, severity="error", ok=ok, broken=broken, failed_rows=1, sample_path="",
        observed="1 row otherwise, first: account_id=7", expected="none", owner="", next_step="", why="", source=source,
    )  # fmt: skip


def test_a_check_that_raised_stops_the_run_whatever_the_policy():
    red = [check("key_unique", "meta_ads"), check("not_empty", "meta_ads"), check("not_empty", "files", ok=True)]
    result = GateResult("landed", date(2025, 6, 1), tuple(red)).going_on_without({"meta_ads"})
    result.raise_if_red()
    assert result.quarantined == {"meta_ads": "landed.meta_ads key_unique: expected none; observed 1 row otherwise"}
    with pytest.raises(GateFailed):
        GateResult("landed", date(2025, 6, 1), tuple(red)).going_on_without({"files"}).raise_if_red()
    broken = (*red, check("moments_plausible", "meta_ads", broken=True))
    result = GateResult("landed", date(2025, 6, 1), broken).going_on_without({"meta_ads"})
    assert result.quarantined == {}
    with pytest.raises(GateBroken):
        result.raise_if_red()


def test_the_source_is_measured_by_the_days_that_have_rows(mart):
    assert staleness.newest_day(settings.load(), "meta_ads") == date(2025, 6, 1)
    assert staleness.newest_day(settings.load(), "hubspot") is None
    assert staleness.may_be_stale(settings.load(), date(2025, 6, 1)) == {"meta_ads"}
    assert staleness.may_be_stale(settings.load(), date(2025, 6, 1) - timedelta(days=1)) == set()
