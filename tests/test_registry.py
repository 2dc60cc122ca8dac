"""The run registry: the place, what is told of runs that ended badly, and that any process can go on with a run."""

import multiprocessing
import os
import signal
import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from marketing_mart.errors import BuildError, LostPlace, PublishError
from marketing_mart.place import Process, place_lock, sequence_of
from marketing_mart.registry import Registry

DAY = date(2025, 6, 30)
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path, clock=lambda: datetime(2025, 7, 1, 3, tzinfo=UTC))


def begin(registry: Registry):
    return registry.begin_run(DAY, kpi_start=date(2025, 4, 2), demo=True)


def test_a_run_can_be_read_back_as_it_began(registry):
    run = begin(registry)
    assert run.run_id == "2025-06-30-000001"
    assert registry.run(run.run_id) == run
    assert registry.history() == [run]


def test_only_the_newest_run_holds_the_place(registry):
    first, second = begin(registry), begin(registry)
    assert not registry.holds_place(first.run_id)
    assert registry.holds_place(second.run_id)
    registry.require_place(second.run_id)
    with pytest.raises(LostPlace, match=f"{first.run_id} lost its place: run {second.run_id} began at 2025-07-01"):
        registry.require_place(first.run_id)


def test_a_run_of_an_earlier_day_that_begins_later_holds_the_place(registry):
    begin(registry)
    backfill = registry.begin_run(date(2025, 3, 1), kpi_start=None, demo=False)
    assert backfill.run_id == "2025-03-01-000002"
    assert registry.holds_place(backfill.run_id)


def test_a_run_that_is_overtaken_is_lost_whatever_it_says_later(registry):
    first, second = begin(registry), begin(registry)
    registry.end_run(first.run_id, "failed", error="too late")
    assert registry.run(first.run_id).outcome == "lost"
    assert registry.run(first.run_id).error == "too late"
    assert registry.run(second.run_id).outcome == "running"


def test_an_ended_run_is_not_lost_to_the_next_one(registry):
    first = begin(registry)
    registry.end_run(first.run_id, "unchanged")
    begin(registry)
    assert registry.run(first.run_id).outcome == "unchanged"


def test_numbers_do_not_repeat_where_the_registry_was_lost(registry):
    (registry.home / "releases" / "2025-06-29-000041").mkdir(parents=True)
    assert begin(registry).sequence == 42


def test_an_unknown_run_is_an_error_that_names_it(registry):
    with pytest.raises(PublishError, match="run 2025-01-01-000009 is not in"):
        registry.require_place("2025-01-01-000009")


def test_a_stage_tells_how_it_went_and_what_it_found(registry):
    run = begin(registry)
    with registry.stage(run.run_id, "extract shopify") as detail:
        detail["rows"] = 480
    with pytest.raises(BuildError), registry.stage(run.run_id, "build"):
        raise BuildError("2 models failed", next_step="look")
    extract, build = registry.stages(run.run_id)
    assert (extract.outcome, extract.detail, extract.error) == ("ok", {"rows": 480}, None)
    assert (build.outcome, build.error) == ("failed", "2 models failed\n  next: look")


def test_the_text_of_an_unexpected_error_is_not_kept(registry):
    run = begin(registry)
    with pytest.raises(ValueError), registry.stage(run.run_id, "extract"):
        raise ValueError("refused: token abc123")
    assert registry.stages(run.run_id)[0].error == "ValueError"
    assert b"abc123" not in b"".join(path.read_bytes() for path in registry.path.parent.iterdir())


def test_a_stage_retried_after_its_run_failed_brings_the_run_back(registry):
    run = begin(registry)
    with pytest.raises(BuildError), registry.stage(run.run_id, "build"):
        raise BuildError("out of memory")
    registry.end_run(run.run_id, "failed", error="out of memory")
    with registry.stage(run.run_id, "build"):
        assert registry.run(run.run_id).outcome == "running"
    assert [(stage.attempt, stage.outcome) for stage in registry.stages(run.run_id)] == [(1, "failed"), (2, "ok")]


def test_the_next_source_does_not_hide_the_one_that_failed(registry):
    run = begin(registry)
    for stage in ("extract a", "extract b"):
        with pytest.raises(BuildError), registry.stage(run.run_id, stage):
            raise BuildError("red")
        registry.end_run(run.run_id, "failed", error="red")
    for mended, left in (("extract c", "failed"), ("extract a", "failed"), ("extract b", "running")):
        with registry.stage(run.run_id, mended):
            pass
        assert registry.run(run.run_id).outcome == left


def test_a_stage_of_a_lost_run_does_not_bring_it_back(registry):
    first = begin(registry)
    begin(registry)
    with registry.stage(first.run_id, "build"):
        assert registry.run(first.run_id).outcome == "lost"


def test_results_of_a_retried_stage_replace_the_earlier_ones(registry):
    run = begin(registry)
    for status in ("error", "success"):
        registry.record_nodes(run.run_id, [{"name": "model.kpi_daily", "status": status}])
        registry.record_checks(run.run_id, "mart", [{"name": "spend is not negative", "ok": status == "success"}])
    registry.record_checks(run.run_id, "landed", [{"name": "rows", "ok": True}])
    assert registry.nodes(run.run_id) == [{"name": "model.kpi_daily", "status": "success"}]
    assert registry.checks(run.run_id, "mart") == [{"name": "spend is not negative", "ok": True}]


def _stage_until_killed(home: Path, run_id: str, pipe) -> None:
    with Registry(home).stage(run_id, "build"):
        pipe.send("in the stage")
        signal.pause()


@pytest.fixture
def stage_process(registry):
    """A run (begun here) whose stage runs in another process."""
    run = begin(registry)
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=_stage_until_killed, args=(registry.home, run.run_id, theirs))
    process.start()
    assert ours.poll(30) and ours.recv() == "in the stage"
    yield run, process
    process.kill()
    process.join()


def test_a_run_whose_stage_was_killed_is_shown_and_then_marked_as_died(registry, stage_process):
    run, process = stage_process
    assert registry.history()[0].outcome == "running"
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert registry.history()[0].outcome == "died"
    begin(registry)
    assert registry.run(run.run_id).outcome == "died"
    assert registry.run(run.run_id).error == "killed during build"
    assert registry.stages(run.run_id)[0].outcome == "died"


def test_an_orphan_that_is_still_at_work_is_lost_not_died(registry, stage_process):
    run, _ = stage_process
    begin(registry)
    assert registry.run(run.run_id).outcome == "lost"


def test_a_process_with_the_same_pid_that_started_later_is_another_one():
    here = Process.here()
    assert here.may_live()
    assert not Process(here.host, here.pid, here.started - 5000).may_live()


def test_the_processes_of_another_host_are_not_declared_dead():
    assert Process("another-host", 2**22 + 1, 0.0).may_live()


def _begin_and_work(home: Path) -> None:
    registry = Registry(home)
    run = registry.begin_run(DAY, kpi_start=None, demo=True)
    for number in range(5):
        with registry.stage(run.run_id, f"stage {number}"):
            registry.record_nodes(run.run_id, [{"name": f"node {number}"}])


def test_processes_that_begin_and_work_at_once_get_a_number_each(tmp_path):
    workers = [SPAWN.Process(target=_begin_and_work, args=(tmp_path,)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 4
    runs = Registry(tmp_path).history()
    assert [run.sequence for run in runs] == [4, 3, 2, 1]
    assert all(len(Registry(tmp_path).stages(run.run_id)) == 5 for run in runs)


def test_the_place_lock_names_its_holder_when_patience_ends(tmp_path):
    expected = rf"publish\.lock has been held for over 0 s by pid {os.getpid()} on "
    with place_lock(tmp_path), pytest.raises(PublishError, match=expected), place_lock(tmp_path, patience=0):
        pass


def test_a_damaged_registry_is_one_clear_error(registry):
    registry.path.write_bytes(b"not a database at all" * 100)
    for path in registry.path.parent.glob("registry.db-*"):
        path.unlink()
    with pytest.raises(PublishError, match=r"registry\.db: file is not a database"):
        registry.history()


def test_a_failed_write_leaves_nothing_behind(registry):
    run = begin(registry)
    registry.record_nodes(run.run_id, [{"name": "a"}])
    with pytest.raises(KeyError):
        registry.record_nodes(run.run_id, [{"name": "b"}, {"no": "name"}])
    assert registry.nodes(run.run_id) == [{"name": "a"}]
    assert sqlite3.connect(registry.path).execute("pragma journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize(
    ("name", "number"), [("2025-06-30-000012", 12), ("2025-06-30-1000000", 1000000), ("notes", None), ("x-y", None)]
)
def test_the_number_in_an_id(name, number):
    assert sequence_of(name) == number
