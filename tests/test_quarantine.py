"""Rejected loads and rows can be listed, looked into, released and dropped, with a reason, and never in silence."""

import re
import sqlite3
from argparse import Namespace
from pathlib import Path

import duckdb
import pytest
from landing_world import ADS, FIRST, LAST, ORDERS, ad, files_of, land, order, select

from marketing_mart import publishing, quarantine, settings, stewardship
from marketing_mart.errors import LandingError, QuarantineError
from marketing_mart.landing import Landing
from marketing_mart.place import place_lock
from marketing_mart.quarantine.reasons import LET_OUT_BY
from marketing_mart.registry import Registry

ROOT = Path(__file__).resolve().parents[1]
LOAD, ROWS = "run-2/tests", "files/orders/missing_currency"
WHY = {"why": "seen on paper", "who": "anna"}


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    """A day as it was accepted, and with a double of its spend, which the gate of run-2 rejected."""
    landing = Landing(tmp_path)
    land(landing, ADS, [ad(1, "a", spend="1.50")])
    land(landing, ORDERS, [order("o", 1, "10")])
    land(landing, ADS, [ad(1, "a", spend="3.00")], run="run-2", judged=None)
    land(landing, ORDERS, [order("o", 2, "20")], run="run-2", judged=False)
    return landing


def spends(landing: Landing) -> list[str]:
    return [str(spend) for (spend,) in select(landing, ADS, "spend")]


def release_of(home: Path) -> publishing.Release:
    """A release whose orders 1 and 2 are in no currency."""
    run = Registry(home).begin_run(LAST, kpi_start=FIRST, demo=True)
    folder = home / "candidates" / run.run_id
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "mart.duckdb")) as connection:
        connection.execute(
            "create schema mart.mart; create table mart.mart.quarantine as"
            " select 'files' as source, 'orders' as stream, row_key, date '2025-06-01' as date_day,"
            " 'missing_currency' as reason, cast(null as varchar) as currency,"
            " cast(7 as decimal(38, 6)) as amount_local, '{\"order_id\": 1}' as row_json"
            " from (values ('1'), ('2')) rows(row_key)"
        )
    return publishing.publish(
        home, run.run_id, folder, day=LAST, kpi_start=FIRST, fingerprint="f", demo=True, currency="USD", timezone="UTC",
        keep=7,
    )  # fmt: skip


def test_a_rejected_load_is_listed_with_what_the_gate_had_against_it(landing, tmp_path):
    check = {"name": "doubled", "table": "ads", "observed": "3.00", "ok": False, "source": "tests", "severity": "error"}
    Registry(tmp_path).record_checks("run-2", "landed", [check, check | {"name": "fine", "ok": True}])
    ((load, against),) = quarantine.loads(tmp_path)
    assert (load.load_id, load.streams, load.rows) == (LOAD, ("ads", "orders"), 2)
    assert against == ["doubled of ads: 3.00"]
    told = "\n".join(quarantine.show(tmp_path, LOAD))
    assert "2 rows" in told and "by the gate of run run-2" in told and "doubled" in told


def test_a_released_load_counts_in_its_own_place(landing, tmp_path):
    assert spends(landing) == ["1.500000"]
    assert quarantine.release(tmp_path, LOAD, **WHY).startswith("released: 2 rows of tests")
    assert spends(landing) == ["3.000000"]
    assert select(landing, ORDERS, "amount")[0][0] == 20
    assert quarantine.loads(tmp_path) == []
    with sqlite3.connect(tmp_path / "landing" / "manifest.db") as manifest:
        kept = manifest.execute("select run_id, source, action, why, who from overrulings").fetchall()
    assert kept == [("run-2", "tests", "released", "seen on paper", "anna")]


def test_a_newer_accepted_version_of_the_day_wins_over_a_released_one(landing, tmp_path):
    land(landing, ADS, [ad(1, "a", spend="2.00")], run="run-3")
    quarantine.release(tmp_path, LOAD, **WHY)
    assert spends(landing) == ["2.000000"]


def test_of_a_dropped_load_the_files_go_and_the_sums_stay(landing, tmp_path):
    before = files_of(landing)
    quarantine.drop(tmp_path, LOAD, **WHY)
    assert len(files_of(landing)) == len(before) - 2
    (gone,) = [load for load in landing.loads(ADS) if load.run_id == "run-2" and load.rows]
    assert (gone.path, gone.totals["spend EUR"]) == ("", "3.000000")
    assert spends(landing) == ["1.500000"]
    ((load, _),) = quarantine.loads(tmp_path)
    assert load.dropped and "dropped" in quarantine.show(tmp_path, LOAD)[0]
    with pytest.raises(LandingError, match="was dropped on"):
        quarantine.release(tmp_path, LOAD, **WHY)


def test_a_file_that_another_load_shares_stays(landing, tmp_path):
    land(landing, ORDERS, [order("o", 2, "20")], run="run-3")  # the same content: the same file
    quarantine.drop(tmp_path, LOAD, **WHY)
    assert select(landing, ORDERS, "amount")[0][0] == 20


def test_rows_are_listed_by_reason_and_shown(tmp_path):
    release_of(tmp_path)
    (group,) = quarantine.groups(tmp_path)
    assert (group.group_id, group.rows, group.acknowledged) == (ROWS, 2, 0)
    told = "\n".join(quarantine.show(tmp_path, ROWS))
    assert '1 of 2025-06-01, 7.000000 (no currency): {"order_id": 1}' in told and "give the row its currency" in told


def test_rows_are_let_in_by_what_makes_them_right_and_by_no_command(tmp_path):
    release_of(tmp_path)
    with pytest.raises(QuarantineError, match=r"2 rows .* can't be let in by a command: an amount in no currency"):
        quarantine.release(tmp_path, ROWS, **WHY)


def test_acknowledged_rows_stay_in_quarantine_and_are_known(tmp_path):
    release_of(tmp_path)
    assert "2 rows" in quarantine.drop(tmp_path, ROWS, **WHY)
    (group,) = quarantine.groups(tmp_path)
    assert (group.rows, group.acknowledged) == (2, 2)
    assert ("files", "orders", "missing_currency", "1") in Registry(tmp_path).acknowledged()


@pytest.mark.parametrize(("act", "id_", "why", "told"), [
    ("release", "run-9/tests", "x", "there is no release yet"),
    ("drop", "run-9/tests", "x", "there is no release yet"),
    ("release", LOAD, " ", "needs a reason"),
    ("drop", ROWS, "", "needs a reason"),
])  # fmt: skip
def test_what_can_t_be_done_is_told(tmp_path, act, id_, why, told):
    with pytest.raises(QuarantineError, match=told):
        getattr(quarantine, act)(tmp_path, id_, why=why, who="anna")


def test_an_unknown_id_is_told_with_those_there_are(landing, tmp_path):
    release_of(tmp_path)
    with pytest.raises(QuarantineError, match=rf"(?s)no.* id files/orders/x.*choose one of: {ROWS}"):
        quarantine.show(tmp_path, "files/orders/x")


def test_nothing_changes_while_another_process_holds_the_place(landing, tmp_path, monkeypatch):
    monkeypatch.setattr("marketing_mart.quarantine.acting.place_lock", lambda home: place_lock(home, patience=0))
    with place_lock(tmp_path), pytest.raises(publishing.PublishError, match="has been held"):
        quarantine.release(tmp_path, LOAD, **WHY)
    assert spends(landing) == ["1.500000"]


def test_every_reason_of_the_models_says_what_lets_it_out():
    models = (ROOT / "dbt_project" / "models" / "intermediate" / "quarantine").glob("int_quarantine__*.sql")
    told = "\n".join(path.read_text() for path in models)
    reasons = set(re.findall(r"then '([a-z_]+)'", told)) | set(re.findall(r"'([a-z_]+)' as reason", told))
    assert len(reasons) > 8
    assert reasons == set(LET_OUT_BY)
    documented = (ROOT / "docs" / "quarantine.md").read_text()
    assert all(f"`{reason}`" in documented for reason in LET_OUT_BY)


def test_the_command_lists_both_kinds(landing, tmp_path, capsys):
    release_of(tmp_path)
    config = settings.load({"MART_HOME": str(tmp_path)})
    nothing = Namespace(show="", release="", drop="", why="")
    assert stewardship.quarantine(config, nothing) == 0
    told = capsys.readouterr().out
    assert f"load {LOAD}: for 2025-06-03, 2 rows" in told and f"rows {ROWS}: 2, 2025-06-01" in told
    assert stewardship.quarantine(settings.load({"MART_HOME": str(tmp_path / "empty")}), nothing) == 0
    assert capsys.readouterr().out == "nothing is in quarantine\n"
