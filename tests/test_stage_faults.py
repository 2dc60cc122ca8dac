"""Each fault of the machine at each stage: the tables are those of an undisturbed run or a clear error ends the run,
and nobody who reads ever gets anything but a whole release."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from stage_faults import CASES, Case
from stage_world import DAY, FIRST_DAY, STAGES, Children, Went, World, after, steps_at

from marketing_mart import pipeline

TASKS = tuple(stage for stage in STAGES if stage != "land")
REAL = ("landed gate", "mart gate")  # where the gate itself is at fault, Great Expectations is


@pytest.fixture(scope="module")
def children() -> Children:
    return Children()


@pytest.fixture(scope="module")
def before(children, tmp_path_factory) -> Callable[[str], World]:
    """The world right before a stage of the second day; the first day's release is served."""
    folder = tmp_path_factory.mktemp("worlds")
    kept: dict[str, World] = {}
    world = World.make(folder / "world")
    world.export(FIRST_DAY, "5.50")
    children.well(world, *TASKS, day=FIRST_DAY)
    world.export(DAY, "6.25")  # a day more, and the days before restated
    for stage in TASKS:
        kept[stage] = world.copy(folder / stage.replace(" ", "-"))
        children.well(world, stage)
    kept["end"], kept["land"] = world, kept["extract"]
    return kept.__getitem__


@pytest.fixture(scope="module")
def steps(children, before, tmp_path_factory) -> Callable[[str], int]:
    """How many steps on the disk a stage takes where nothing is wrong."""
    known: dict[str, int] = {}

    def count(stage: str) -> int:
        if stage not in known:
            world = before(stage).copy(tmp_path_factory.mktemp("counted") / "world")
            went = children.run(world, stage, real=stage in REAL)()
            assert not went.error and not went.signal, went
            assert went.steps >= 1
            known[stage] = went.steps
        return known[stage]

    return count


@pytest.mark.parametrize("case", CASES, ids=[f"{case.stage}, {case.name}" for case in CASES])
def test_a_fault_of_the_machine_leaves_the_same_tables_or_ends_the_run(
    children, before, steps, tmp_path, record_property, case
):
    record_property("fault", f"{case.stage}: {case.name}")
    world = before(case.stage).copy(tmp_path / "world")
    served = world.served()
    assert served
    if case.fault == "two at once":
        ended = both(children, world, case.stage)
    else:
        spoilt = spoil(world, case)
        at = steps_at(case.trouble.point, steps(case.stage)) if case.trouble.point else 0
        ended = [children.run(world, case.stage, trouble=case.trouble, at=at, real=case.stage in REAL)()]
        mend(world, case, spoilt)
    for went in ended:
        check(went, case, world)
    if case.stage not in ("publish", "report"):
        assert world.served() == served
    assert world.served() is not None
    go_on(children, world, case, ended)
    assert world.tables() == before("end").tables()


def check(went: Went, case: Case, world: World) -> None:
    outcome = "killed" if went.signal else went.error or "same"
    assert outcome in case.outcomes, f"{outcome}: {went.told}"
    if went.error:
        assert went.next_step, went.told
        assert len(went.told) > 20 and "Traceback" not in went.told
        told = went.told + went.next_step
        assert any(name in told for name in (str(world.home), world.run_id, "files/", "gate ", DAY)), told


def both(children: Children, world: World, stage: str) -> list[Went]:
    """The same task twice at once, as an orphan and its successor would run it; for the registry, two runs begin."""
    go = children.barrier(2)
    started = [children.run(world, stage, go=go) for _ in range(2)]
    ended = [wait() for wait in started]
    if stage == "registry":
        assert len({went.value for went in ended}) == 2, "two runs have one name"
    return ended


def spoil(world: World, case: Case) -> tuple[Path, Path] | None:
    """Makes a folder unwritable, or loses a file; returns its path and what holds its content meanwhile."""
    if case.folder:
        folder = world.home / case.folder
        folder.mkdir(parents=True, exist_ok=True)
        for one in (folder, *folder.rglob("*")):
            one.chmod(0o555 if one.is_dir() else 0o444)
    if not case.lost:
        return None
    lost = (world.home / case.lost.format(run=world.run_id)).resolve()
    kept = lost.with_name("kept-by-the-test")
    shutil.copy(lost, kept)
    for name in (lost, lost.with_name(lost.name + "-wal"), lost.with_name(lost.name + "-shm")):
        name.unlink(missing_ok=True)
    if not case.is_gone:
        lost.write_bytes(b"this is no database" * 300)
    return lost, kept


def mend(world: World, case: Case, spoilt: tuple[Path, Path] | None) -> None:
    if case.folder:
        folder = world.home / case.folder
        for one in (folder, *folder.rglob("*")):
            one.chmod(0o755 if one.is_dir() else 0o644)
    if spoilt:
        lost, kept = spoilt
        for name in (lost.with_name(lost.name + "-wal"), lost.with_name(lost.name + "-shm")):
            name.unlink(missing_ok=True)
        os.replace(kept, lost)


def go_on(children: Children, world: World, case: Case, ended: list[Went]) -> None:
    """What whoever is on call does: the failed task again, then the rest of the run."""
    if any(went.signal for went in ended) and case.stage != "registry":
        os.environ.update(world.environment())
        pipeline.fail_if_untold(world.run_id)
        assert "ended before it could say why" in (world.home / "alerts.txt").read_text()
    stage = "extract" if case.stage == "land" else case.stage
    done = all(not went.error and not went.signal for went in ended)
    again = () if done else (stage,)
    children.well(world, *again, *after(stage))
