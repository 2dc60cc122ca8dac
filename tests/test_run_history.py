"""What the registry keeps of each run, for how long, and how `make history` and the mart's mart_runs tell it."""

import sqlite3
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from marketing_mart import history
from marketing_mart.errors import GateFailed, PlaceTaken, PublishError
from marketing_mart.mart_runs import RUNS, runs_table
from marketing_mart.registry import Registry
from marketing_mart.registry.store import SCHEMA
from marketing_mart.streams import COUNT, LoadResult, Stream, Window, columns

DAY = date(2025, 6, 30)
ORDERS = Stream("shopify", "orders", "entity", columns(order_id=COUNT), key=("order_id",))
CHECK = {
    "table": "landed.shopify__orders", "name": "not_empty", "severity": "error", "ok": True, "broken": False,
    "observed": "12 rows", "next_step": "", "expected": "",
}  # fmt: skip


class Clock:
    """Time that stands still until it is told to move on."""

    def __init__(self) -> None:
        self.now = datetime(2025, 7, 1, 3, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def registry(tmp_path: Path, clock: Clock) -> Registry:
    return Registry(tmp_path, clock)


def begin(registry: Registry, day: date = DAY, **more):
    return registry.begin_run(day, kpi_start=date(2025, 4, 2), demo=True, **more)


def read_orders(registry: Registry, run_id: str, clock: Clock, rows: int = 480) -> None:
    began = clock()
    clock.pass_(2.5)
    load = LoadResult("shopify", "orders", 1, rows, 1, began)
    registry.record_load(run_id, ORDERS, Window(None, DAY), load)


def failed_run(registry: Registry, clock: Clock, error: str) -> str:
    """A run that read shopify, and whose mart gate was red."""
    run = begin(registry)
    with registry.stage(run.run_id, "extract shopify"):
        read_orders(registry, run.run_id, clock)
    with registry.stage(run.run_id, "check_landed") as detail:
        registry.record_checks(run.run_id, "landed", [CHECK])
        detail |= {"checks": 1, "red": 0}
    nodes = [{"name": f"model.m{n}", "status": "success", "seconds": n / 10, "message": ""} for n in range(30)]
    with registry.stage(run.run_id, "build") as detail:
        registry.record_nodes(run.run_id, nodes)
        detail |= {"nodes": len(nodes), "published_stale": {}}
    with pytest.raises(GateFailed), registry.stage(run.run_id, "check_mart") as detail:
        red = CHECK | {"table": "mart.kpi_daily", "name": "every_day_once", "ok": False, "observed": "1 row otherwise"}
        registry.record_checks(run.run_id, "mart", [CHECK, red])
        detail |= {"checks": 2, "red": 1}
        clock.pass_(4)
        raise GateFailed(error, next_step="look")
    registry.end_run(run.run_id, "failed", error=f"{error}\n  next: look", error_kind="GateFailed")
    return run.run_id


def printed(renderable) -> str:
    console = Console(width=history.WIDTH, file=StringIO())
    console.print(renderable)
    return console.file.getvalue()


def test_a_load_tells_its_days_rows_and_seconds(registry, clock):
    run = begin(registry)
    read_orders(registry, run.run_id, clock, rows=480)
    read_orders(registry, run.run_id, clock, rows=500)  # tried again
    (load,) = registry.loads(run.run_id)
    assert (load.source, load.stream, load.kind) == ("shopify", "orders", "entity")
    assert (load.first_day, load.last_day, load.days) == (None, DAY, 1)
    assert (load.rows, load.new_versions, load.seconds) == (500, 1, 2.5)


def test_a_registry_of_the_first_version_opens_and_keeps_its_rows(tmp_path, clock):
    path = tmp_path / "registry" / "registry.db"
    path.parent.mkdir()
    with sqlite3.connect(path) as db:
        db.executescript(SCHEMA)
        db.execute(
            "insert into runs values ('2025-06-29-000007', 7, 'run', '2025-06-29', null, 1,"
            " '2025-06-30T03:00:00+00:00', '2025-06-30T03:01:00+00:00', 'failed', null,"
            " 'dbt: 1 node failed', 'host', 1)"
        )
    db.close()
    registry = Registry(tmp_path, clock)
    old = registry.run("2025-06-29-000007")
    assert (old.outcome, old.error, old.error_kind, old.seconds) == ("failed", "dbt: 1 node failed", None, 60)
    assert registry.loads(old.run_id) == []
    new = begin(registry)
    read_orders(registry, new.run_id, clock)
    again = Registry(tmp_path, clock)
    assert len(again.loads(new.run_id)) == 1
    assert [run.sequence for run in again.history()] == [8, 7]


def test_details_of_old_runs_are_forgotten_then_the_runs(registry, clock):
    runs = [failed_run(registry, clock, "red") for _ in range(5)]
    registry.forget(runs=4, details=2)
    assert [run.run_id for run in registry.history()] == runs[:0:-1]
    assert [len(registry.nodes(run)) for run in runs] == [0, 0, 0, 30, 30]
    assert [len(registry.checks(run, "mart")) for run in runs] == [0, 0, 0, 2, 2]
    assert [len(registry.stages(run)) for run in runs] == [0, 4, 4, 4, 4]
    assert [len(registry.loads(run)) for run in runs] == [0, 1, 1, 1, 1]
    assert begin(registry).sequence == 6


def test_the_file_stops_growing(registry, clock):
    def pages() -> int:
        with sqlite3.connect(registry.path) as db:
            return db.execute("pragma page_count").fetchone()[0]

    sizes = []
    for _ in range(10):
        failed_run(registry, clock, "red")
        registry.forget(runs=3, details=3)
        sizes.append(pages())
    assert sizes[0] < sizes[4]
    assert sizes[9] <= sizes[4] + 1


def test_one_run_is_told_in_detail(registry, clock):
    run_id = failed_run(registry, clock, "mart.kpi_daily every_day_once: 1 row otherwise")
    told = printed(history.run_page(registry, run_id))
    assert f"run {run_id}: failed, demo data" in told
    assert "GateFailed: mart.kpi_daily every_day_once" in told
    lines = [" ".join(line.replace("│", " ").split()) for line in told.splitlines()]
    assert "shopify orders the beginning 2025-06-30 1 480 1 2.5" in lines
    assert any(line.startswith("extract shopify 1 03:00:00 2.5 ok") for line in lines)
    assert any(line.startswith("check_mart 1 03:00:02 4.0 failed") for line in lines)
    assert any(line.startswith("mart mart.kpi_daily every_day_once error 1 row otherwise") for line in lines)
    assert "checks that were not green (landed 1, mart 2)" in told
    nodes = [line.split()[0] for line in lines if line.startswith("model.")]
    assert nodes == [f"model.m{n}" for n in range(29, 19, -1)]


def test_a_run_that_is_not_known_is_an_error_that_names_it(registry):
    with pytest.raises(PublishError, match="run 2025-01-01-000009 is not in"):
        history.run_page(registry, "2025-01-01-000009")


def test_the_list_tells_kind_seconds_and_why(registry, clock):
    failed_run(registry, clock, "the gate was red")
    told = printed(history.runs_table(registry.history()))
    (line,) = [line for line in told.splitlines() if "2025-06-30-000001" in line]
    assert [word.strip() for word in line.split("│")[1:-1]] == [
        "2025-06-30-000001", "run", "2025-06-30", "2025-07-01 03:00:00", "6", "failed", "", "the gate was red",
    ]  # fmt: skip


def test_the_mart_tells_every_run_up_to_the_one_that_builds(registry, clock):
    failed_run(registry, clock, "the gate was red")
    builder = begin(registry, kind="backfill")
    with registry.stage(builder.run_id, "start") as detail:
        detail |= {"missed_from": "2025-06-28", "missed_to": "2025-06-29"}
    read_orders(registry, builder.run_id, clock)
    table = runs_table(registry, builder.run_id, {"shopify": "gone away", "meta_ads": "late"})
    assert table.schema == RUNS
    first, last = table.to_pylist()
    assert (first["outcome"], first["seconds"]) == ("failed", 6.5)
    assert (first["checks"], first["red_checks"], first["failed_stage"]) == (3, 1, "check_mart")
    assert (first["error_kind"], first["error"]) == ("GateFailed", "the gate was red")
    assert (last["outcome"], last["release_id"], last["seconds"]) == ("published", builder.run_id, None)
    assert (last["kind"], last["is_demo"], last["date_day"]) == ("backfill", True, DAY)
    assert (last["sources_read"], last["streams_read"], last["rows_landed"]) == ("shopify", 1, 480)
    assert (first["stale_sources"], last["stale_sources"]) == (None, "meta_ads, shopify")
    assert (last["caught_up_from"], last["caught_up_to"]) == (date(2025, 6, 28), date(2025, 6, 29))


@pytest.mark.parametrize(
    "secret", ["Jane.Doe+shop@example.org", "+49 151 23456789", "token=abc123xyz", "https://user:pass@host/x"]
)
def test_no_secret_and_no_address_of_an_error_reaches_the_mart(registry, clock, secret):
    run_id = failed_run(registry, clock, f"orders.csv row 12: {secret} can't be read")
    (row,) = runs_table(registry, run_id).to_pylist()
    assert "orders.csv row 12" in row["error"]
    for part in ("Doe", "23456789", "abc123xyz", "pass@"):
        assert part not in row["error"]


def test_a_backfill_waits_for_a_run_that_is_under_way(registry, clock):
    daily = begin(registry)
    with pytest.raises(PlaceTaken, match=f"a backfill of 2025-03-01 waits: run {daily.run_id} is under way"):
        begin(registry, date(2025, 3, 1), kind="backfill")
    assert registry.holds_place(daily.run_id)
    registry.end_run(daily.run_id, "published")
    assert begin(registry, date(2025, 3, 1), kind="backfill").kind == "backfill"


def test_a_backfill_does_not_wait_for_a_run_that_died_unseen(registry, clock):
    begin(registry)
    clock.pass_(4 * 3600)
    assert begin(registry, date(2025, 3, 1), kind="backfill").sequence == 2


def test_a_daily_run_takes_the_place_of_a_backfill(registry):
    old = begin(registry, date(2025, 3, 1), kind="backfill")
    begin(registry)
    assert registry.run(old.run_id).outcome == "lost"
    assert registry.run(old.run_id).error_kind == "LostPlace"
