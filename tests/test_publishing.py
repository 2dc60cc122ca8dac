"""Publishing: readers always find a whole release, whatever is killed, refused or begun at the same time."""

import errno
import json
import multiprocessing
import os
import shutil
import signal
import sys
import threading
from datetime import UTC, date, datetime, timedelta
from multiprocessing import forkserver
from pathlib import Path

import duckdb
import pytest

from marketing_mart import publishing
from marketing_mart.errors import LostPlace, PublishError
from marketing_mart.registry import Registry

DAY = date(2025, 6, 30)
SPAWN = multiprocessing.get_context("spawn")
# Everything through which publishing changes the disk, apart from SQLite; a kill before and after each of these
# covers every state between two of its steps.
SYSTEM_CALLS = ("chmod", "fsync", "rename", "replace", "symlink", "mkdir")


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Retention doesn't wait for readers that are about to open a release, but where a test is about those."""
    monkeypatch.setattr(publishing, "GRACE_SECONDS", 0)


def begin(home: Path, day: date = DAY) -> str:
    return Registry(home).begin_run(day, kpi_start=date(2025, 4, 2), demo=True).run_id


def candidate(home: Path, run_id: str, version: int = 1) -> Path:
    """A mart in which every row says which version it is."""
    folder = home / "candidates" / run_id
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "mart.duckdb")) as db:
        db.execute("create schema mart")
        db.execute(f"create table mart.mart.kpi_daily as select range as n, {version} as version from range(500)")
        db.execute("create view mart.mart.newest as select max(version) as version from kpi_daily")
    return folder


def publish(home: Path, run_id: str, folder: Path | None = None, *, keep: int = 7, day: date = DAY, **more):
    return publishing.publish(
        home, run_id, folder or home / "candidates" / run_id, day=day, kpi_start=date(2025, 4, 2),
        fingerprint=f"of {run_id}", demo=True, currency="USD", timezone="UTC", keep=keep, **more,
    )  # fmt: skip


def publish_new(home: Path, version: int = 1, *, keep: int = 7):
    run_id = begin(home)
    candidate(home, run_id, version)
    return publish(home, run_id, keep=keep)


def served(home: Path) -> int:
    """The version that a reader gets, after looking at every row."""
    with publishing.open_current(home) as db:
        first, last, rows = db.execute("select min(version), max(version), count(*) from mart.kpi_daily").fetchone()
    assert first == last and rows == 500
    return first


def folders(home: Path, name: str) -> list[str]:
    return sorted(path.name for path in (home / name).glob("*"))


def test_a_published_candidate_is_what_readers_get(tmp_path):
    release = publish_new(tmp_path, version=7)
    assert served(tmp_path) == 7
    assert publishing.current(tmp_path) == release
    assert os.readlink(tmp_path / "current") == f"releases/{release.release_id}"
    assert release.tables == {"kpi_daily": 500, "newest": None}
    assert json.loads((tmp_path / "current/release.json").read_text())["fingerprint"] == "of 2025-06-30-000001"
    assert release.database.stat().st_mode & 0o222 == 0
    assert folders(tmp_path, "candidates") == []
    assert Registry(tmp_path).run(release.run_id).outcome == "published"


def test_before_the_first_release_there_is_nothing_to_open(tmp_path):
    assert publishing.current(tmp_path) is None
    with pytest.raises(PublishError, match="nothing has been published"):
        publishing.open_current(tmp_path)


def test_publishing_a_run_twice_publishes_it_once(tmp_path):
    release = publish_new(tmp_path)
    assert publish(tmp_path, release.run_id) == release
    assert [r.release_id for r in publishing.releases(tmp_path)] == [release.release_id]


def test_a_run_overtaken_by_another_does_not_publish(tmp_path):
    publish_new(tmp_path, version=1)
    orphan = begin(tmp_path)
    candidate(tmp_path, orphan, version=2)
    newer = begin(tmp_path)
    with pytest.raises(LostPlace, match=f"run {orphan} lost its place: run {newer}"):
        publish(tmp_path, orphan)
    assert served(tmp_path) == 1
    assert folders(tmp_path, "releases") == ["2025-06-30-000001"]


def _publish_when_told(home: Path, run_id: str, pipe) -> None:
    pipe.send("ready")
    pipe.recv()
    try:
        publish(home, run_id)
    except LostPlace:
        pipe.send("lost its place")


def test_an_orphaned_task_in_another_process_does_not_publish_over_a_newer_release(tmp_path):
    orphan = begin(tmp_path)
    candidate(tmp_path, orphan, version=1)
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=_publish_when_told, args=(tmp_path, orphan, theirs))
    process.start()
    assert ours.poll(30) and ours.recv() == "ready"
    publish_new(tmp_path, version=2)
    ours.send("go")
    assert ours.poll(30) and ours.recv() == "lost its place"
    process.join()
    assert served(tmp_path) == 2


def test_a_run_cannot_begin_in_the_middle_of_a_publish(tmp_path, monkeypatch):
    """Else the older run would publish after the newer one had looked at what is current."""
    run_id = begin(tmp_path)
    candidate(tmp_path, run_id)
    began, beginner = [], threading.Thread(target=lambda: began.append(begin(tmp_path)))
    rename = os.rename

    def rename_while_another_begins(source, target):
        beginner.start()
        beginner.join(timeout=0.3)
        assert not began
        rename(source, target)

    monkeypatch.setattr(os, "rename", rename_while_another_begins)
    publish(tmp_path, run_id)
    monkeypatch.undo()
    beginner.join()
    assert began == ["2025-06-30-000002"]
    assert served(tmp_path) == 1


def test_an_open_reader_keeps_its_release_when_it_is_retired(tmp_path):
    publish_new(tmp_path, version=1, keep=1)
    with publishing.open_current(tmp_path) as reader:
        publish_new(tmp_path, version=2, keep=1)
        assert folders(tmp_path, "releases") == ["2025-06-30-000002"]
        assert reader.execute("select distinct version from mart.kpi_daily").fetchall() == [(1,)]
        assert served(tmp_path) == 2  # a new connection of the same process gets the new release


def test_a_release_stays_for_a_reader_that_has_looked_it_up_and_not_yet_opened_it(tmp_path, monkeypatch):
    """What the README's own lines do: find the versioned path, then connect."""
    monkeypatch.setattr(publishing, "GRACE_SECONDS", 60)
    publish_new(tmp_path, version=1, keep=1)
    path = os.path.realpath(tmp_path / "current/mart.duckdb")
    publish_new(tmp_path, version=2, keep=1)
    publish_new(tmp_path, version=3, keep=1)
    with duckdb.connect(path, read_only=True) as db:
        assert db.execute("select distinct version from mart.mart.kpi_daily").fetchall() == [(1,)]
    run_id = begin(tmp_path)
    candidate(tmp_path, run_id, version=4)
    publish(tmp_path, run_id, keep=1, clock=lambda: datetime.now(UTC) + timedelta(seconds=61))
    assert folders(tmp_path, "releases") == ["2025-06-30-000003", "2025-06-30-000004"]  # 3 was served until just now


def test_the_last_releases_are_kept_and_no_others(tmp_path):
    for version in range(1, 6):
        publish_new(tmp_path, version, keep=3)
    assert folders(tmp_path, "releases") == [f"2025-06-30-{n:06d}" for n in (3, 4, 5)]


def test_withdrawn_releases_take_no_place_among_those_kept(tmp_path):
    for version in (1, 2, 3):
        publish_new(tmp_path, version)
    publishing.rollback(tmp_path)
    publish_new(tmp_path, version=5, keep=2)  # its number is 5: the rollback took 4
    assert folders(tmp_path, "releases") == [f"2025-06-30-{n:06d}" for n in (2, 3, 5)]


def test_a_backfilled_earlier_day_is_newer_in_order_of_publication(tmp_path):
    publish_new(tmp_path, version=1)
    run_id = begin(tmp_path, date(2025, 3, 1))
    candidate(tmp_path, run_id, version=2)
    publish(tmp_path, run_id, day=date(2025, 3, 1), keep=1)
    assert folders(tmp_path, "releases") == ["2025-03-01-000002"]
    assert served(tmp_path) == 2


def test_rolling_back_twice_goes_further_back_and_then_there_is_nothing(tmp_path):
    for version in (1, 2, 3):
        publish_new(tmp_path, version)
    assert publishing.rollback(tmp_path).release_id == "2025-06-30-000002"
    assert served(tmp_path) == 2
    publishing.rollback(tmp_path)
    assert served(tmp_path) == 1
    with pytest.raises(PublishError, match="there is no release among those kept before the current one"):
        publishing.rollback(tmp_path)
    assert served(tmp_path) == 1


def test_rolling_back_after_a_new_release_skips_the_withdrawn_one(tmp_path):
    publish_new(tmp_path, version=1)
    publish_new(tmp_path, version=2)
    publishing.rollback(tmp_path)
    publish_new(tmp_path, version=3)
    publishing.rollback(tmp_path)
    assert served(tmp_path) == 1


def test_rolling_back_to_a_named_release_withdraws_all_after_it(tmp_path):
    for version in (1, 2, 3):
        publish_new(tmp_path, version)
    publishing.rollback(tmp_path, to="2025-06-30-000001")
    assert served(tmp_path) == 1
    assert [bool(r.withdrawn_at) for r in publishing.releases(tmp_path)] == [False, True, True]
    with pytest.raises(PublishError, match="release 2025-06-30-000002 is not among"):
        publishing.rollback(tmp_path, to="2025-06-30-000002")


def test_a_rollback_is_in_the_history_and_takes_the_place_of_a_run_under_way(tmp_path):
    publish_new(tmp_path, version=1)
    publish_new(tmp_path, version=2)
    under_way = begin(tmp_path)
    candidate(tmp_path, under_way, version=3)
    publishing.rollback(tmp_path)
    with pytest.raises(LostPlace, match="rollback 2025-06-30-000004 began at"):
        publish(tmp_path, under_way)
    assert served(tmp_path) == 1
    newest = Registry(tmp_path).history(1)[0]
    assert (newest.kind, newest.outcome, newest.release_id) == ("rollback", "rolled_back", "2025-06-30-000001")


@pytest.mark.parametrize(
    "spoil", ["no database", "still open", "killed writer", "no table", "no database file", "view"]
)
def test_a_candidate_that_is_not_whole_is_refused(tmp_path, spoil):
    publish_new(tmp_path, version=1)
    run_id = begin(tmp_path)
    folder = candidate(tmp_path, run_id, version=2)
    database, held = folder / "mart.duckdb", None
    if spoil == "no database":
        database.unlink()
    elif spoil == "still open":
        held = duckdb.connect(str(database))
    elif spoil == "killed writer":
        database.with_name("mart.duckdb.wal").write_bytes(b"half a transaction")
    elif spoil == "view":
        with duckdb.connect(str(database)) as db:
            db.execute("create view mart.mart.bound as select * from mart.mart.kpi_daily")
    elif spoil == "no table":
        database.unlink()
        with duckdb.connect(str(database)) as db:
            db.execute("create schema mart")
    else:
        database.write_bytes(b"no database at all" * 1000)
    with pytest.raises(PublishError, match="the candidate"):
        publish(tmp_path, run_id)
    if held:
        held.close()
    assert served(tmp_path) == 1
    assert folders(tmp_path, "releases") == ["2025-06-30-000001"]


@pytest.mark.parametrize("call", [c for c in SYSTEM_CALLS if c != "mkdir"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_refuses_leaves_the_current_release_and_the_run_can_be_tried_again(
    tmp_path, monkeypatch, call, code
):
    publish_new(tmp_path, version=1)
    run_id = begin(tmp_path)
    candidate(tmp_path, run_id, version=2)

    def refuse(*args, **kwargs):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, call, refuse)
    with pytest.raises(PublishError, match=rf"{os.strerror(code)}.*2025-06-30-000001 is still served"):
        publish(tmp_path, run_id)
    monkeypatch.undo()
    assert served(tmp_path) == 1
    publish(tmp_path, run_id)
    assert served(tmp_path) == 2


def test_a_disk_that_refuses_after_the_switch_is_told_apart(tmp_path, monkeypatch):
    run_id = begin(tmp_path)
    candidate(tmp_path, run_id)
    fsync = os.fsync

    def refuse_for_home(handle):
        if os.path.samestat(os.fstat(handle), tmp_path.stat()):
            raise OSError(errno.EIO, "Input/output error")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", refuse_for_home)
    with pytest.raises(PublishError, match=f"release {run_id} is current, but what follows failed"):
        publish(tmp_path, run_id)
    monkeypatch.undo()
    publishing.repair(tmp_path)
    assert Registry(tmp_path).run(run_id).outcome == "published"


def test_a_current_that_is_no_link_is_left_alone(tmp_path):
    (tmp_path / "current").mkdir()
    run_id = begin(tmp_path)
    candidate(tmp_path, run_id)
    with pytest.raises(PublishError, match="is not a link to a release"):
        publish(tmp_path, run_id)


def _publish_and_be_killed(home: Path, run_id: str, points: int, after: bool) -> None:
    """Runs publish with SIGKILL right before (or after) its `points`-th change to the disk."""
    left = points

    def counting(call):
        def counted(*args, **kwargs):
            nonlocal left
            left -= 1
            if left == 0 and not after:
                os.kill(os.getpid(), signal.SIGKILL)
            try:
                return call(*args, **kwargs)
            finally:
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        return counted

    for name in SYSTEM_CALLS:
        setattr(os, name, counting(getattr(os, name)))
    shutil.rmtree = counting(shutil.rmtree)
    publishing.GRACE_SECONDS = 0
    publish(home, run_id, keep=1)


@pytest.fixture(scope="module")
def forks():
    """Processes that have imported all they need: dozens of them are killed here."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        forkserver.ensure_running()
    return context


def crash_states(tmp_path: Path, forks, after: bool):
    """A home for each point at which a process that publishes version 2 over version 1 can be killed."""
    for points in range(1, 100):
        home = tmp_path / f"killed-{points}"
        publish_new(home, version=1)
        run_id = begin(home)
        candidate(home, run_id, version=2)
        process = forks.Process(target=_publish_and_be_killed, args=(home, run_id, points, after))
        process.start()
        process.join()
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
        yield home, run_id
    assert points > 10, "publish was killed at too few points for this test to mean anything"


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_publish_killed_at_any_point_leaves_a_whole_release_and_the_next_run_goes_on(tmp_path, forks, after):
    versions = []
    for home, run_id in crash_states(tmp_path, forks, after):
        version = served(home)
        versions.append(version)
        publishing.repair(home)
        publishing.repair(home)  # what is in order stays in order
        assert served(home) == version
        recorded = [r.release_id for r in publishing.releases(home)]
        assert (run_id in recorded) == (version == 2), home
        assert folders(home, "releases") == recorded, home
        assert (Registry(home).run(run_id).outcome == "published") == (version == 2)
        if version == 1:  # the task alone is tried again, and finds its candidate
            publish(home, run_id, keep=1)
            assert served(home) == 2
        publish_new(home, version=3, keep=1)
        assert served(home) == 3
        assert folders(home, "candidates") == []
        assert len(folders(home, "releases")) == 1
    assert set(versions) == {1, 2}


def test_what_a_killed_run_left_is_removed_when_another_run_has_begun(tmp_path, forks):
    for home, run_id in crash_states(tmp_path, forks, after=True):
        version = served(home)
        newer = begin(home)
        candidate(home, newer, version=3)
        publishing.repair(home)
        assert served(home) == version
        assert folders(home, "candidates") == [newer], home
        assert (run_id in folders(home, "releases")) == (version == 2), home


def _roll_back_and_be_killed(home: Path) -> None:
    replace = os.replace

    def replace_and_die(*args):
        replace(*args)
        os.kill(os.getpid(), signal.SIGKILL)

    os.replace = replace_and_die
    publishing.rollback(home)


def test_a_rollback_killed_after_its_switch_is_finished(tmp_path):
    publish_new(tmp_path, version=1)
    publish_new(tmp_path, version=2)
    process = SPAWN.Process(target=_roll_back_and_be_killed, args=(tmp_path,))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    publishing.repair(tmp_path)
    assert served(tmp_path) == 1
    assert [bool(r.withdrawn_at) for r in publishing.releases(tmp_path)] == [False, True]


def test_a_candidate_rebuilt_after_the_kill_is_the_one_that_is_published(tmp_path, monkeypatch):
    run_id = begin(tmp_path)
    candidate(tmp_path, run_id, version=1)
    monkeypatch.setattr(publishing, "_switch", lambda *_: (_ for _ in ()).throw(OSError(errno.EIO, "gone")))
    with pytest.raises(PublishError):
        publish(tmp_path, run_id)
    monkeypatch.undo()
    candidate(tmp_path, run_id, version=2)
    publish(tmp_path, run_id)
    assert served(tmp_path) == 2


def test_releases_are_recorded_again_where_the_registry_was_lost(tmp_path):
    for version in (1, 2):
        publish_new(tmp_path, version)
    shutil.rmtree(tmp_path / "registry")
    publishing.repair(tmp_path)
    assert served(tmp_path) == 2
    publish_new(tmp_path, version=3)
    assert folders(tmp_path, "releases") == [f"2025-06-30-{n:06d}" for n in (1, 2, 3)]
    publishing.rollback(tmp_path)
    assert served(tmp_path) == 2
