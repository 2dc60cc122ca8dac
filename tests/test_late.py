"""Nobody is paged by silence: cron asks whether the release of the day stands, with or without anything that works."""

import os
import sqlite3
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from marketing_mart import cli, late
from marketing_mart.registry import Registry, store
from marketing_mart.release import Release

CONFIG = """
demo: false
reporting: {timezone: Europe/Berlin}
sources: {files: {}}
alerts: {release_by: "8:00", routes: [{url: "file:oncall.txt"}]}
"""
DAY = date(2025, 6, 30)
DUE = datetime(2025, 7, 1, 6, 0, tzinfo=UTC)  # 8:00 in Berlin
EARLY = datetime(2025, 7, 1, 5, 59, tzinfo=UTC)


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    (tmp_path / "mart.yml").write_text(CONFIG)
    for name in [name for name in os.environ if name.startswith("MART_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MART_CONFIG", str(tmp_path / "mart.yml"))
    monkeypatch.setenv("MART_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def told(home: Path) -> str:
    path = home / "oncall.txt"
    return path.read_text() if path.exists() else ""


def publish(home: Path, day: date) -> None:
    folder = home / "releases" / f"{day}-000001"
    folder.mkdir(parents=True)
    release = Release(
        path=folder, release_id=folder.name, run_id=folder.name, day=day, kpi_start=day, demo=False, currency="EUR",
        timezone="UTC", fingerprint="f", published_at=DUE, tables={}, bytes=0,
    )  # fmt: skip
    (folder / "release.json").write_text(release.describe())
    (home / "current").unlink(missing_ok=True)
    os.symlink(folder, home / "current")


def test_it_is_told_once_though_cron_asks_each_quarter_of_an_hour(home, capsys):
    assert late.ask(EARLY) == 0 and not told(home)
    assert late.ask(DUE) == 1
    assert "no release of 2025-06-30 by 8:00: there is none" in capsys.readouterr().err
    for minute in (15, 30, 45):
        assert late.ask(DUE.replace(minute=minute)) == 1
    assert capsys.readouterr().err == "", "cron mails what is printed"
    assert told(home).count("marketing-mart") == 1
    assert "ERROR marketing-mart 2025-06-30: no release of 2025-06-30 by 8:00" in told(home)
    assert "next: look whether the scheduler lives; make history; then make run MART_DATE=2025-06-30" in told(home)


def test_it_says_itself_when_the_release_stands(home):
    late.ask(DUE)
    publish(home, DAY)
    assert late.ask(DUE.replace(hour=9)) == 0
    assert "OVER marketing-mart 2025-06-30: no release of 2025-06-30 by 8:00" in told(home)
    assert late.ask(DUE.replace(hour=10)) == 0
    assert told(home).count("OVER") == 1


def test_an_older_release_is_late_a_newer_one_is_not(home):
    publish(home, date(2025, 6, 29))
    assert late.ask(DUE) == 1
    assert "actual: the newest is of 2025-06-29" in told(home)
    publish(home, date(2025, 7, 2))
    assert late.ask(DUE) == 0


def test_a_second_day_without_a_release_is_a_reminder_and_before_its_hour_nothing(home):
    late.ask(DUE)
    assert late.ask(EARLY.replace(day=2)) == 0
    assert told(home).count("marketing-mart") == 1
    assert late.ask(DUE.replace(day=2)) == 1
    assert "STILL ERROR marketing-mart 2025-07-01: no release of 2025-07-01 by 8:00" in told(home)
    publish(home, DAY)
    late.ask(EARLY.replace(day=3))
    assert "OVER" not in told(home), "of 2025-07-01 there is none yet"


def test_it_says_what_the_newest_run_did(home):
    registry = Registry(home, clock=lambda: DUE)
    run = registry.begin_run(DAY, kpi_start=None, demo=False)
    registry.end_run(run.run_id, "failed", error="no space\nmore")
    late.ask(DUE)
    assert f"the newest run, {run.run_id} of 2025-07-01 06:00 UTC: failed: no space" in told(home)


def test_a_registry_that_is_lost_or_locked_is_said_and_stops_nothing(home, monkeypatch):
    assert late.ask(DUE) == 1
    assert "registry" in told(home) and "is not there: no run has begun, or it was lost" in told(home)
    assert not (home / "registry").exists(), "to ask makes none"
    path = Registry(home).path
    monkeypatch.setattr(store, "BUSY_SECONDS", 0)
    with sqlite3.connect(path, isolation_level=None) as db:
        db.execute("pragma locking_mode = exclusive")
        db.execute("begin exclusive")
        assert late.ask(DUE.replace(day=2)) == 1
        assert "the run registry can't be read: " in told(home) and "locked" in told(home)
        db.execute("rollback")


@pytest.mark.parametrize("damage", ["a folder", "a link to nothing", "half a description"])
def test_a_release_that_can_not_be_read_is_none(home, damage):
    publish(home, DAY)
    if damage == "a folder":
        (home / "current").unlink()
        (home / "current").mkdir()
    elif damage == "a link to nothing":
        (home / "releases").rename(home / "gone")
    else:
        (home / "releases" / f"{DAY}-000001" / "release.json").write_text('{"release_id"')
    assert late.ask(DUE) == 1
    assert "actual: the current release can't be read: " in told(home)


def test_a_configuration_that_is_refused_is_told_to_its_own_routes(home, tmp_path, capsys):
    config = tmp_path / "mart.yml"
    config.write_text(CONFIG + "tresholds: {}\n")
    assert cli.main(["late"]) == 1
    assert "tresholds: unknown key" in capsys.readouterr().err
    assert "ERROR marketing-mart: the configuration is refused, so nothing can run" in told(home)
    assert f"{config}:6: tresholds: unknown key" in told(home)
    assert cli.main(["late"]) == 1
    assert told(home).count("marketing-mart: ") == 1
    config.write_text(CONFIG)
    publish(home, date(2999, 1, 1))
    assert cli.main(["late"]) == 0
    assert "OVER marketing-mart: the configuration is refused" in told(home)


@pytest.mark.parametrize(
    "text",
    ["alerts: [", "alerts: 3", "- 1", "", "alerts: {routes: [{url: 1, no: 2}]}", None],
    ids=["no yaml", "a number", "a list", "empty", "no route", "no file"],
)
def test_one_that_can_not_be_read_at_all_is_an_error_in_words(home, tmp_path, capsys, text):
    (tmp_path / "mart.yml").unlink() if text is None else (tmp_path / "mart.yml").write_text(text)
    assert cli.main(["late"]) == 1
    printed = capsys.readouterr().err
    assert "error: " in printed and "mart.yml" in printed and "Traceback" not in printed


def test_routes_are_found_though_another_key_of_alerts_is_wrong(home, tmp_path):
    (tmp_path / "mart.yml").write_text(CONFIG.replace('"8:00"', '"late"'))
    assert cli.main(["late"]) == 1
    assert "alerts.release_by: 'late' is no time of day" in told(home)


def test_the_command_for_cron_needs_no_airflow(home, tmp_path):
    code = (
        "import sys; from marketing_mart.cli import main; code = main(['late']);"
        "heavy = {'airflow', 'dbt', 'great_expectations', 'apprise'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else code)"
    )
    environment = os.environ | {"PYTHONPATH": ":".join(sys.path)}
    (tmp_path / "mart.yml").write_text(CONFIG.replace('"8:00"', '"0:00"'))
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "no release of " in done.stderr and "imported" not in done.stderr
    assert told(home)
