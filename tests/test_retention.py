"""What is old and superseded goes, old loads are laid together, and not a row that counts, nor a sum, is lost."""

import os
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from landing_world import ADS, BUDGETS, NOON, ORDERS, ad, files_of, land, order, select

from marketing_mart import retention, settings
from marketing_mart.errors import PublishError
from marketing_mart.landing import Landing
from marketing_mart.landing.manifest import Manifest
from marketing_mart.registry import Registry
from marketing_mart.streams import Window

LATER = NOON + timedelta(days=500)
OLD = LATER - timedelta(days=400)


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path)


def day(number: int) -> Window:
    return Window(None, date(2025, 6, number))


def retained(landing: Landing, stream, loaded_before=OLD):
    return landing.retain(stream, loaded_before=loaded_before, at=LATER)


def told(landing: Landing, stream) -> list[tuple]:
    """What the manifest says of loads, without where their rows are."""
    return [
        (load.day, load.version, load.rows, load.totals, load.loaded_at, load.counts, load.is_current)
        for load in landing.loads(stream)
    ]


def test_superseded_versions_of_a_day_go_and_their_sums_stay(landing):
    land(landing, ADS, [ad(1, "a", spend="1.00"), ad(2, "a")])
    land(landing, ADS, [ad(1, "a", spend="2.00"), ad(2, "a")], run="run-2")
    land(landing, ADS, [ad(1, "a", spend="3.00"), ad(2, "a")], run="run-3", at=LATER)
    rows, kept = sorted(select(landing, ADS)), told(landing, ADS)
    went = retained(landing, ADS)
    assert (went.files, went.bytes > 0) == (2, True)
    assert sorted(select(landing, ADS)) == rows
    assert told(landing, ADS) == kept
    assert len(files_of(landing)) == 2
    assert retained(landing, ADS).files == 0


def test_a_young_version_and_one_that_waits_for_a_person_stay(landing):
    land(landing, ADS, [ad(1, "a", spend="1.00")], at=LATER)
    land(landing, ADS, [ad(1, "a", spend="9.00")], run="run-2", judged=False)
    land(landing, ADS, [ad(1, "a", spend="2.00")], run="run-3")
    before = files_of(landing)
    retained(landing, ADS)
    assert files_of(landing) == before
    assert len(before) == 3


def test_old_loads_of_an_entity_become_one_file_of_the_same_rows(landing):
    land(landing, ORDERS, [order("a", 1, "10"), order("b", 2, "20"), order("null", None, "5")], window=day(1))
    land(landing, ORDERS, [order("a", 3, "11", [{"sku": "x", "n": 1}])], window=day(2), run="run-2")
    land(landing, ORDERS, [order("b", 1, "19"), order("null", None, "6")], window=day(3), run="run-3")
    land(landing, ORDERS, [order("c", 4, "40")], window=day(4), run="run-4", at=LATER)
    rows, kept = sorted(select(landing, ORDERS)), told(landing, ORDERS)
    went = retained(landing, ORDERS)
    assert (went.files, went.compacted, len(files_of(landing))) == (3, 3, 2)
    assert sorted(select(landing, ORDERS)) == rows
    assert told(landing, ORDERS) == kept
    assert retained(landing, ORDERS).compacted == 0
    land(landing, ORDERS, [order("a", 5, "12")], window=day(5), run="run-5")
    assert {row[0]: row[2] for row in select(landing, ORDERS)} == {
        "a": Decimal(12), "b": Decimal(20), "c": Decimal(40), "null": Decimal(6)
    }  # fmt: skip


def test_of_what_has_no_change_time_the_order_of_loads_stays_the_judge(landing):
    for number, amount in enumerate(("1", "2", "3"), start=1):
        rows = [("Paid Search", Decimal(amount)), (f"c{number}", Decimal(amount))]
        land(landing, BUDGETS, rows, window=day(number), run=f"run-{number}")
    land(landing, BUDGETS, [("Paid Search", Decimal(1)), ("c1", Decimal(1))], window=day(4), run="run-4")
    rows = sorted(select(landing, BUDGETS))
    retained(landing, BUDGETS)
    assert sorted(select(landing, BUDGETS)) == rows
    assert dict(row[:2] for row in rows)["Paid Search"] == 1
    assert len(files_of(landing)) == 1


def test_what_a_gate_rejected_keeps_its_place_for_whoever_releases_it(landing):
    land(landing, BUDGETS, [("a", Decimal(1))], window=day(1))
    land(landing, BUDGETS, [("a", Decimal(2))], window=day(2), run="run-2", judged=False)
    land(landing, BUDGETS, [("b", Decimal(3))], window=day(3), run="run-3")
    land(landing, BUDGETS, [("c", Decimal(3))], window=day(3), run="run-4")
    assert retained(landing, BUDGETS).compacted == 0  # only one load came before it
    landing.release("run-2/tests", why="right", who="anna", at=LATER)
    assert retained(landing, BUDGETS).compacted == 4
    assert {row[0]: row[1] for row in select(landing, BUDGETS)} == {"a": 2, "b": 3, "c": 3}


def test_streams_whose_every_version_is_told_of_keep_all(landing):
    shown = replace(ORDERS, shows_versions=True)
    for number in (1, 2):
        land(landing, shown, [order("a", number, str(number))], window=day(number), run=f"run-{number}")
    assert retained(landing, shown).files == 0
    assert len(files_of(landing)) == 2


def interrupted(*_) -> None:
    raise KeyboardInterrupt


def test_killed_before_the_manifest_says_so_nothing_is_lost(landing, monkeypatch):
    for number in (1, 2):
        land(landing, ORDERS, [order(str(number), number)], window=day(number), run=f"run-{number}")
    rows = sorted(select(landing, ORDERS))
    with monkeypatch.context() as patch:
        patch.setattr(Manifest, "point", interrupted)
        with pytest.raises(KeyboardInterrupt):
            retained(landing, ORDERS)
    assert sorted(select(landing, ORDERS)) == rows
    assert landing.sweep() == 1
    assert retained(landing, ORDERS).compacted == 2
    assert sorted(select(landing, ORDERS)) == rows


def test_nothing_is_removed_while_a_run_is_under_way(tmp_path):
    config = settings.load({"MART_HOME": str(tmp_path)})
    log = tmp_path / "logs" / "run" / "dbt.log"
    log.parent.mkdir(parents=True)
    log.write_text("old")
    os.utime(log, (0, 0))
    (tmp_path / "logs" / "new.log").write_text("new")
    registry = Registry(tmp_path)
    run = registry.begin_run(date(2025, 6, 3), kpi_start=None, demo=True)
    with pytest.raises(PublishError, match=f"{run.run_id} is under way: nothing was removed"):
        retention.retain(config)
    registry.end_run(run.run_id, "failed")
    assert retention.retain(config).files_of_runs == 1
    assert [path.name for path in (tmp_path / "logs").iterdir()] == ["new.log"]
