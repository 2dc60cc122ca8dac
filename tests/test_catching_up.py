"""After days without a run the next one reads them too, publishes them and says so; without Airflow and dbt."""

import json
from datetime import date
from pathlib import Path

import duckdb
import pytest
from test_acceptance import INBOX, Mart

from marketing_mart import pipeline, settings, telling
from marketing_mart.registry import Registry


@pytest.fixture
def mart(tmp_path, monkeypatch) -> Mart:
    mart = Mart(tmp_path, monkeypatch)
    mart.stand_in_gate()
    (tmp_path / "mart.yml").write_text(
        (tmp_path / "mart.yml").read_text() + 'alerts: {routes: [{url: "file:alerts.txt", severity: warning}]}\n'
    )
    return mart


def published(mart: Mart, day: str, *sources: str) -> str:
    """A run through all stages but dbt's: in place of its mart there is a table."""
    run = mart.run(day, *sources)
    candidate = mart.home / "candidates" / run
    (mart.home / "checks" / run).mkdir(parents=True)
    (candidate / "mart.duckdb").unlink()
    with duckdb.connect(str(candidate / "mart.duckdb")) as db:
        db.execute("create schema mart; create table mart.mart.kpi_daily as select 1 as n")
        db.execute(
            "create table mart.mart.kpi_alerts (date_day date, rule text, kind text, kpi text, channel text,"
            " campaign_id text, value double, expected double, low double, high double, severity text, owner text)"
        )
    told = {"mart_date": day, "kpi_start": "2025-06-01", "fingerprint": run}
    told |= {"reporting_currency": "USD", "reporting_timezone": "UTC", "models": "of the test"}
    (candidate / "build.json").write_text(json.dumps(told))
    assert pipeline.publish(run) == run
    telling.tell_run(settings.load(), run)  # as drawing its page would
    return run


def alerts(mart: Mart) -> str:
    path = mart.home / "alerts.txt"
    return path.read_text() if path.exists() else ""


def noted(mart: Mart, run: str) -> dict:
    return next(stage.detail for stage in Registry(mart.home).stages(run) if stage.stage == "start")


def test_the_run_after_an_outage_reads_what_is_missing_and_says_which_days(mart):
    published(mart, "2025-06-02")
    assert alerts(mart) == ""
    run = published(mart, "2025-06-06")
    assert list(mart.counting()) == ["01", "02", "03", "04", "05", "06"]
    detail = noted(mart, run)
    assert (detail["missed_from"], detail["missed_to"]) == ("2025-06-03", "2025-06-05")
    assert "WARNING marketing-mart 2025-06-06: caught up 3 days: 2025-06-03 to 2025-06-05" in alerts(mart)
    assert "meta_ads 2025-06-03 to 2025-06-05" in alerts(mart)
    assert "actual: none since the one of 2025-06-02" in alerts(mart)
    load = next(load for load in Registry(mart.home).loads(run) if load.stream == "account_insights")
    assert load.first_day <= date(2025, 6, 3)
    assert load.last_day == date(2025, 6, 6)


def test_the_mart_tells_which_days_were_caught_up(mart):
    from marketing_mart.mart_runs import runs_table

    published(mart, "2025-06-02")
    run = published(mart, "2025-06-04")
    rows = runs_table(Registry(mart.home), run).to_pylist()
    assert [row["caught_up_from"] for row in rows] == [None, date(2025, 6, 3)]
    assert [row["caught_up_to"] for row in rows] == [None, date(2025, 6, 3)]


def test_one_missed_day_is_one(mart):
    published(mart, "2025-06-02")
    published(mart, "2025-06-04")
    assert "caught up 1 day: 2025-06-03\n" in alerts(mart)


def test_a_run_a_day_and_the_same_day_again_catch_up_nothing(mart):
    for day in ("2025-06-02", "2025-06-03", "2025-06-03"):
        run = published(mart, day)
        assert noted(mart, run) == {}
    assert alerts(mart) == ""


def test_a_run_of_an_older_day_is_no_catching_up(mart):
    published(mart, "2025-06-04")
    assert noted(mart, published(mart, "2025-06-02")) == {}


def test_a_source_that_was_left_out_for_days_is_told_though_releases_stood(mart):
    published(mart, "2025-06-02")
    published(mart, "2025-06-03", "files")
    published(mart, "2025-06-04", "files")
    assert alerts(mart) == ""
    published(mart, "2025-06-05")
    assert "caught up 2 days: 2025-06-03 to 2025-06-04" in alerts(mart)
    assert "meta_ads 2025-06-03 to 2025-06-04" in alerts(mart)
    assert list(mart.counting()) == ["01", "02", "03", "04", "05"]


def test_days_that_no_file_speaks_for_are_told_as_still_missing(mart, tmp_path: Path):
    inbox = tmp_path / "inbox" / "ad_performance.csv"
    header, *rows = INBOX.strip().splitlines()
    inbox.write_text("\n".join([header, *rows[:2]]))
    published(mart, "2025-06-02")
    inbox.write_text("\n".join([header, rows[3].replace("2025-06-04", "2025-06-06")]))
    published(mart, "2025-06-06")
    assert "caught up 3 days" in alerts(mart)
    assert "files/ad_performance: not read for 2025-06-03 to 2025-06-05" in alerts(mart)
    assert "next: see what the inbox's files begin with" in alerts(mart)
