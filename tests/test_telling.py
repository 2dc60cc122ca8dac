"""What whoever is on call hears of a run: its gates, its stages, its KPIs; each with its end."""

import csv
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from marketing_mart import alerting, pipeline, settings, staleness, telling
from marketing_mart.errors import GateFailed, MartError, SourceRefused
from marketing_mart.registry import Registry
from marketing_mart.release import Release

DAY = date(2025, 6, 30)
CONFIG = """
demo: true
sources: {files: {}, shopify: {}, hubspot: {}}
alerts:
  routes:
    - {url: "file:all.txt", severity: warning}
    - {url: "file:paid.txt", severity: warning, owner: paid-team}
"""
DATA = "data-team"
RULES = (  # rule, kind, kpi, channel, campaign_id, value, expected, low, high, severity, owner
    ("cac (all) both", "kpi", "cac", "(all)", "(all)", 91.5, 40.0, 31.0, 49.0, "red", "data-team"),
    ("conversion_rate (all) down", "kpi", "conversion_rate", "(all)", "(all)", 0.012, 0.03, 0.02, 0.04, "yellow", DATA),
    ("budget: Paid Social", "budget", "spend", "Paid Social", "(all)", 5800.0, 5000.0, 0.0, 5500.0, "red", "paid-team"),
    ("spend (all) both", "kpi", "spend", "(all)", "(all)", 500.0, 480.0, 400.0, 560.0, "green", "data-team"),
    ("cpa (all) both", "kpi", "cpa", "(all)", "(all)", None, None, None, None, None, "data-team"),
)  # fmt: skip


class Mart:
    """A MART_HOME whose runs are written by hand."""

    def __init__(self, home: Path) -> None:
        self.home, self.registry = home, Registry(home)
        self.seen = 0

    def begin(self) -> str:
        return self.registry.begin_run(DAY, kpi_start=None, demo=True).run_id

    def stage(self, run_id: str, name: str, error: BaseException | None = None) -> None:
        """One that ended well, or as Airflow would tell of its failure."""
        try:
            with self.registry.stage(run_id, name):
                if error:
                    raise error
        except Exception:
            pipeline.fail(run_id, name, error, "http://airflow/log")

    def gate(self, run_id: str, gate: str, *checks: dict) -> None:
        """A gate with these checks that are not green, and one that is."""
        red = [check for check in checks if check["severity"] == "error"]
        error = GateFailed(f"gate {gate} {DAY}: {len(red)} of 9 checks failed", next_step="make run") if red else None
        try:
            with self.registry.stage(run_id, f"check_{gate}") as detail:
                green = check_of("is_there") | {"ok": True}
                self.registry.record_checks(run_id, gate, [*checks, green])
                detail |= {"checks": 9, "red": len(checks)}
                if error:
                    raise error
        except GateFailed:
            pipeline.fail(run_id, f"check_{gate}", error)

    def publish(self, run_id: str, rules: tuple = RULES) -> None:
        folder = self.home / "releases" / run_id
        folder.mkdir(parents=True)
        with duckdb.connect(str(folder / "mart.duckdb")) as db:
            db.execute(
                "create schema mart; create table mart.mart.kpi_alerts (date_day date, rule text, kind text, kpi text,"
                " channel text, campaign_id text, value double, expected double, low double, high double,"
                " severity text, owner text)"
            )
            marks = ", ".join("?" * 12)
            for row in rules:
                db.execute(f"insert into mart.mart.kpi_alerts values ({marks})", [DAY, *row])
        release = Release(
            path=folder, release_id=run_id, run_id=run_id, day=DAY, kpi_start=DAY, demo=True, currency="EUR",
            timezone="UTC", fingerprint="f", published_at=datetime(2025, 7, 1, tzinfo=UTC), tables={}, bytes=0,
        )  # fmt: skip
        (folder / "release.json").write_text(release.describe())
        link = self.home / "current"
        link.unlink(missing_ok=True)
        os.symlink(folder, link)
        self.registry.end_run(run_id, "published")
        telling.tell_run(settings.load(), run_id)

    def told(self, name: str = "all.txt") -> str:
        """What came since it was asked last."""
        text = (self.home / name).read_text() if (self.home / name).exists() else ""
        new, self.seen = text[self.seen :], len(text)
        return new


@pytest.fixture
def mart(tmp_path, monkeypatch) -> Mart:
    (tmp_path / "mart.yml").write_text(CONFIG)
    for name in [name for name in os.environ if name.startswith("MART_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MART_CONFIG", str(tmp_path / "mart.yml"))
    monkeypatch.setenv("MART_HOME", str(tmp_path / "home"))
    return Mart(tmp_path / "home")


def check_of(name: str, severity: str = "error", **changes: object) -> dict:
    return {
        "table": "landed.shopify__orders", "name": name, "severity": severity, "ok": False, "broken": False,
        "observed": "2 of 480 rows otherwise", "expected": "every order has an id", "failed_rows": 2,
        "sample_path": "", "owner": "data-team", "next_step": f"make run MART_DATE={DAY} MART_SOURCES=shopify",
        "why": "it would be counted twice", "source": "shopify",
    } | changes  # fmt: skip


def sample(folder: Path, *rows: dict) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "orders.csv"
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


@contextmanager
def removed(path: Path) -> Iterator[None]:
    away = path.with_name(path.name + ".away")
    path.rename(away)
    yield
    away.rename(path)


# -- gates


def test_a_red_gate_names_all_that_a_person_must_know(mart):
    run_id = mart.begin()
    folder = mart.home / "checks" / run_id
    path = sample(folder, {"order_id": "", "account_id": "eu"}, {"order_id": "", "account_id": "us"})
    (folder / "docs" / "landed").mkdir(parents=True)
    mart.gate(run_id, "landed", check_of("has_id", sample_path=path), check_of("is_recent", "warning"))
    told = mart.told()
    assert told.splitlines()[0] == (
        f"DEMO ERROR marketing-mart {DAY}: check_landed failed: gate landed {DAY}: 1 of 9 checks failed"
    )
    for line in (
        "1. ERROR landed.shopify__orders has_id",
        "   source: shopify",
        "   account: eu, us",
        "   expected: every order has an id",
        "   actual: 2 of 480 rows otherwise",
        "   samples: account_id=eu",
        f"     in {path}",
        f"   next: make run MART_DATE={DAY} MART_SOURCES=shopify",
        "   owner: data-team",
        "2. WARNING landed.shopify__orders is_recent",
        f"page: {folder}/docs/landed/index.html",
        f"run: {run_id}",
    ):
        assert line in told.splitlines(), line


def test_a_check_is_told_once_while_it_lasts_and_is_over_where_it_is_green(mart):
    for _ in range(3):
        run_id = mart.begin()
        mart.gate(run_id, "landed", check_of("has_id"))
        pipeline.fail_if_untold(run_id)
    assert mart.told().count("marketing-mart") == 1
    run_id = mart.begin()
    mart.gate(run_id, "landed", check_of("other"))
    assert "has_id" not in mart.told(), "green is what was looked at"
    run_id = mart.begin()
    mart.registry.record_checks(run_id, "landed", [])
    with mart.registry.stage(run_id, "check_landed") as detail:
        green = [check_of(name) | {"ok": True} for name in ("has_id", "other")]
        mart.registry.record_checks(run_id, "landed", green)
        detail["checks"] = 2
    mart.publish(run_id, rules=())
    told = mart.told()
    assert "OVER landed.shopify__orders has_id: since " in told and ", 3 runs" in told
    assert "2 over" in told.splitlines()[0]


def test_warnings_of_a_published_run_are_one_message(mart):
    run_id = mart.begin()
    mart.gate(run_id, "landed", check_of("is_recent", "warning"), check_of("is_many", "warning"))
    assert mart.told() == ""
    mart.gate(run_id, "mart", check_of("is_plausible", "warning"))
    mart.publish(run_id, rules=())
    told = mart.told()
    assert told.count("marketing-mart") == 1 and "3 warnings" in told.splitlines()[0]


def test_a_gate_that_came_to_no_result_is_not_told_by_the_checks_of_an_earlier_try(mart):
    run_id = mart.begin()
    mart.gate(run_id, "landed", check_of("has_id"))
    mart.told()
    mart.stage(run_id, "check_landed", MartError("gate landed: IOException", next_step="see the log"))
    told = mart.told()
    assert told.splitlines()[0].endswith("check_landed failed: gate landed: IOException")
    assert "has_id" not in told


def test_no_row_leaves_where_the_configuration_says_so(mart, tmp_path):
    config = tmp_path / "mart.yml"
    config.write_text(CONFIG.replace("alerts:\n", "alerts:\n  sample_rows: 0\n"))
    run_id = mart.begin()
    path = sample(mart.home / "checks" / run_id, {"order_id": "17"})
    mart.gate(run_id, "landed", check_of("has_id", sample_path=path))
    told = mart.told()
    assert "order_id=17" not in told and path in told


# -- stages


def test_sources_that_fail_in_one_run_are_one_message_when_it_has_failed(mart):
    run_id = mart.begin()
    mart.stage(run_id, "extract files")
    mart.stage(run_id, "extract shopify", SourceRefused("shopify/orders: refused with status 401", next_step="mend it"))
    mart.stage(run_id, "extract hubspot", KeyError("contact"))
    assert mart.told() == ""
    pipeline.fail_if_untold(run_id)
    told = mart.told()
    assert told.count("marketing-mart") == 1 and "2 errors" in told
    assert "shopify/orders: refused with status 401" in told and "KeyError: 'contact'" in told
    assert "read the traceback in http://airflow/log" in told
    pipeline.fail_if_untold(run_id)
    assert mart.told() == ""
    run_id = mart.begin()
    mart.stage(run_id, "extract shopify")
    mart.publish(run_id, rules=())
    told = mart.told()
    assert (
        told.splitlines()[0]
        == f"DEMO OVER marketing-mart {DAY}: extract shopify failed: shopify/orders: refused with status 401"
    ), "hubspot was not read"


def test_a_source_that_was_mended_and_read_before_its_run_failed_is_not_told(mart):
    run_id = mart.begin()
    mart.stage(run_id, "extract shopify", SourceRefused("refused"))
    mart.stage(run_id, "extract shopify")
    mart.publish(run_id, rules=())
    assert mart.told() == ""


def test_another_kind_of_error_of_the_same_stage_is_told(mart):
    run_id = mart.begin()
    mart.stage(run_id, "build", MartError("no space"))
    assert mart.told()
    run_id = mart.begin()
    mart.stage(run_id, "build", MartError("no space at all"))
    assert mart.told() == ""
    run_id = mart.begin()
    mart.stage(run_id, "build", ZeroDivisionError())
    assert "ZeroDivisionError" in mart.told()


def stale(mart: Mart, run_id: str) -> None:
    with mart.registry.stage(run_id, "extract hubspot") as detail:
        detail["stale"] = "hubspot/contacts: no answer"
    config = settings.load()
    staleness.tell(config, mart.registry.run(run_id), {"hubspot": detail["stale"]})


def test_a_source_that_is_published_stale_is_told_with_the_run_once_and_when_it_is_read_again(mart):
    run_id = mart.begin()
    stale(mart, run_id)
    assert mart.told() == ""
    mart.publish(run_id)
    assert "hubspot is published stale" in (told := mart.told()) and told.count("marketing-mart") == 1
    run_id = mart.begin()
    stale(mart, run_id)
    mart.publish(run_id)
    assert mart.told() == ""
    run_id = mart.begin()
    mart.stage(run_id, "extract hubspot")
    mart.publish(run_id)
    assert mart.told() == "", "read, and not looked at by a gate"
    run_id = mart.begin()
    mart.stage(run_id, "extract hubspot")
    mart.stage(run_id, "check_landed")
    mart.publish(run_id)
    assert "OVER marketing-mart 2025-06-30: hubspot is published stale" in mart.told()


def test_a_start_that_fails_has_no_run_and_is_over_when_one_begins(mart):
    pipeline.fail(None, "start", MartError("MART_HOME is full"))
    assert "start failed: MART_HOME is full" in mart.told()
    mart.publish(mart.begin(), rules=())
    assert "OVER" in mart.told()


def test_a_failure_is_told_where_the_registry_is_what_is_broken(mart):
    run_id = mart.begin()
    with removed(mart.registry.path):
        mart.registry.path.write_text("no database")
        with pytest.raises(MartError, match="run registry"):
            pipeline.fail(run_id, "build", MartError("dbt failed"))
        told = mart.told()
        assert "build failed: dbt failed" in told and "registry failed: the run registry" in told
        mart.registry.path.unlink()
    mart.publish(mart.begin(), rules=())
    assert "registry failed" in mart.told(), "over"


def test_a_fault_of_telling_fails_no_run_and_shows_in_the_next(mart, monkeypatch):
    run_id = mart.begin()
    mart.gate(run_id, "landed", {"name": "a record that lacks everything", "severity": "warning"})
    mart.publish(run_id, rules=())
    assert "alerting itself: KeyError: " in mart.told()
    assert mart.registry.run(run_id).outcome == "published"
    report = alerting.report
    monkeypatch.setattr(alerting, "report", lambda *_, **__: 1 / 0)
    mart.publish(mart.begin(), rules=())
    assert mart.told() == ""
    monkeypatch.setattr(alerting, "report", report)
    mart.publish(mart.begin(), rules=())
    assert "alerting itself: ZeroDivisionError: " in mart.told()


def test_an_unchanged_run_tells_what_is_over(mart):
    run_id = mart.begin()
    mart.stage(run_id, "build", MartError("no space"))
    mart.told()
    run_id = mart.begin()
    mart.stage(run_id, "build")
    mart.registry.end_run(run_id, "unchanged")
    telling.tell_run(settings.load(), run_id)
    assert "OVER" in mart.told()


# -- KPIs and budgets


def test_kpis_and_budgets_are_told_to_their_owners_with_the_page(mart):
    run_id = mart.begin()
    mart.publish(run_id)
    told, paid = mart.told(), (mart.home / "paid.txt").read_text()
    assert (
        told.splitlines()[0]
        == f"DEMO ERROR marketing-mart {DAY}: 1 error, 1 warning, first: red: cac is out of its range"
    )
    assert "expected: 31 to 49 EUR, usually 40" in told and "actual: 91.5 EUR" in told
    assert "2. WARNING yellow: conversion_rate is out of its range" in told
    assert f"page: {mart.home}/releases/{run_id}/report.html" in told
    assert "cpa" not in told and "Paid Social" not in told
    assert f"ERROR marketing-mart {DAY}: red: budget of Paid Social will not hold" in paid
    assert "expected: at most 5,000 EUR in the month" in paid
    assert "actual: 5,800 EUR at month end, 16% over plan" in paid


def test_a_kpi_is_told_once_and_its_end_when_it_is_green_but_not_when_it_is_unknown(mart):
    mart.publish(mart.begin())
    mart.told()
    mart.publish(mart.begin())
    assert mart.told() == ""
    unknown = tuple((*row[:9], None if row[9] == "red" else "green", row[10]) for row in RULES)
    mart.publish(mart.begin(), rules=unknown)
    told = mart.told()
    assert "yellow: conversion_rate" in told and "cac" not in told
    mart.publish(mart.begin(), rules=tuple((*row[:9], "green", row[10]) for row in RULES))
    assert "OVER" in (told := mart.told()) and "red: cac is out of its range" in told
    assert "OVER" in (mart.home / "paid.txt").read_text()


def test_a_yellow_that_turns_red_is_told_again(mart):
    mart.publish(mart.begin())
    mart.told()
    red = tuple((*row[:9], "red", row[10]) if row[0].startswith("conversion") else row for row in RULES)
    mart.publish(mart.begin(), rules=red)
    assert "ERROR marketing-mart" in (told := mart.told()) and "conversion_rate" in told and "cac" not in told


def test_what_is_kept_is_json_a_person_can_read(mart):
    mart.publish(mart.begin())
    kept = json.loads((mart.home / "alerts.json").read_text())
    assert set(kept["problems"]) == {"kpi:cac (all) both", "kpi:conversion_rate (all) down", "kpi:budget: Paid Social"}
