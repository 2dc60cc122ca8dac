"""The landing when things go wrong or happen at once: a load counts as a whole or not at all."""

import dataclasses
import signal
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from landing_world import ADS, FIRST, NOON, WEEK, ad, files_of, land, page, select

from marketing_mart.errors import LandingError, SourceUnavailable
from marketing_mart.landing import Landing
from marketing_mart.landing.manifest import Manifest


@pytest.fixture
def landing(tmp_path) -> Landing:
    return Landing(tmp_path)


def test_what_the_source_raises_is_passed_on_and_nothing_is_left(landing):
    def pages():
        yield page(ADS, [ad(1, "a")])
        raise SourceUnavailable("tests/ads: gone away")

    with pytest.raises(SourceUnavailable):
        landing.land(ADS, WEEK, pages(), kpi_start=FIRST, loaded_at=NOON, run_id="r")
    assert landing.loads() == [] and list(landing.root.glob(".work/*")) == []


def test_what_the_manifest_does_not_know_is_not_landed_and_is_swept(landing, monkeypatch):
    land(landing, ADS, [ad(1, "a")])
    kept = files_of(landing)

    def dies(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("marketing_mart.landing.manifest.Manifest.record", dies)
    with pytest.raises(KeyboardInterrupt):
        land(landing, ADS, [ad(1, "a", spend="99")])
    monkeypatch.undo()
    assert len(files_of(landing)) == 2
    assert select(landing, ADS, "spend") == [(Decimal("1.5"),)]
    assert landing.sweep() == 1 and files_of(landing) == kept
    assert land(landing, ADS, [ad(1, "a", spend="99")]).new_versions == 1


KILLED = """
import os, signal, sys
from landing_world import *
def pages():
    yield page(ADS, [ad(1, "a")])
    print("landing", flush=True)
    {then}
Landing(sys.argv[1]).land(ADS, WEEK, pages(), kpi_start=FIRST, loaded_at=NOON, run_id="r")
"""


def start(code: str, *arguments: object) -> subprocess.Popen:
    environment = {"PYTHONPATH": ":".join(sys.path), "PATH": ""}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)


def test_a_killed_load_leaves_nothing_that_counts_and_is_swept(landing, tmp_path):
    killed = start(KILLED.format(then="os.kill(os.getpid(), signal.SIGKILL)"), tmp_path)
    assert killed.wait(60) == -signal.SIGKILL
    killed.communicate()
    assert landing.loads() == [] and list(landing.root.glob(".work/*/*.parquet"))
    assert landing.sweep() == 1
    assert list(landing.root.glob(".work/*")) == []


def test_a_running_load_is_not_swept(landing, tmp_path):
    with start(KILLED.format(then="input()"), tmp_path) as running:
        assert running.stdout.readline() == "landing\n"
        assert landing.sweep() == 0
        running.communicate("go on\n", timeout=60)
    assert running.returncode == 0 and len(landing.loads()) == 3


LANDS = """
import dataclasses, sys
from landing_world import *
stream = dataclasses.replace(ADS, name=sys.argv[2])
for n in range(int(sys.argv[3]), int(sys.argv[3]) + 5):
    land(Landing(sys.argv[1]), stream, [ad(1, "a", clicks=n), ad(2, "a")])
"""


def test_many_processes_land_at_once(tmp_path):
    """Two of them the same stream, as an orphaned task and its successor would."""
    workers = [start(LANDS, tmp_path, name, first) for name, first in (("x", 0), ("y", 0), ("z", 0), ("z", 100))]
    for worker in workers:
        worker.communicate(timeout=120)
    assert [worker.returncode for worker in workers] == [0, 0, 0, 0]
    landing = Landing(tmp_path)
    assert len(landing.reads()) == 20
    for name, versions in (("x", 5), ("y", 5), ("z", 10)):
        stream = dataclasses.replace(ADS, name=name)
        of_first_day = [load.version for load in landing.loads(stream) if load.day == FIRST]
        assert of_first_day == list(range(1, versions + 1))
        assert len(select(landing, stream)) == 2


def test_a_manifest_of_a_later_format_is_refused(landing):
    landing.loads()
    with sqlite3.connect(landing.root / "manifest.db") as manifest:
        manifest.execute("pragma user_version = 99")
    with pytest.raises(LandingError, match="format 99"):
        landing.loads()


FORMAT_1 = """
alter table loads drop column read; drop table verdicts; pragma user_version = 1;
"""


def test_what_an_older_version_landed_counts_as_it_did(landing):
    land(landing, ADS, [ad(1, "a", spend="1")], judged=None)
    land(landing, ADS, [ad(1, "a", spend="2")], run="run-2", judged=None)
    with sqlite3.connect(landing.root / "manifest.db") as manifest:
        manifest.executescript(FORMAT_1)
    assert select(landing, ADS, "spend") == [(Decimal(2),)]
    assert {read.verdict for read in landing.reads()} == {"accepted"}
    assert [load.read for load in landing.loads()] == [1, 1, 1, 2, 2, 2]
    assert land(landing, ADS, [ad(1, "a", spend="3")], run="run-3").new_versions == 1


def test_many_processes_may_find_an_older_manifest_at_once(landing):
    land(landing, ADS, [ad(1, "a")])
    with sqlite3.connect(landing.root / "manifest.db") as manifest:
        manifest.executescript(FORMAT_1)
    with ThreadPoolExecutor() as pool:
        assert {len(found) for found in pool.map(lambda _: landing.loads(), range(8))} == {3}


@pytest.mark.parametrize("left", [None, b""], ids=["gone", "empty"])
def test_a_lost_manifest_is_told_and_no_landed_file_is_swept(landing, left):
    """A new manifest knows none of the files, and the sweep deletes what no manifest knows."""
    land(landing, ADS, [ad(1, "a")])
    kept = files_of(landing)
    assert kept
    for path in landing.root.glob("manifest.db*"):
        path.unlink()
    if left is not None:
        (landing.root / "manifest.db").write_bytes(left)
    for use in (landing.loads, landing.sweep, lambda: land(landing, ADS, [ad(1, "a")])):
        with pytest.raises(LandingError, match=r"is gone or empty, but there are landed files, e.g. .*tests") as caught:
            use()
        assert "put the manifest back" in caught.value.next_step
    assert files_of(landing) == kept


def test_a_broken_manifest_is_one_clear_error(landing):
    (landing.root / "manifest.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(LandingError, match=r"manifest\.db could not be used"):
        landing.loads()


def test_a_full_disk_is_one_clear_error(landing, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(LandingError, match=r"tests/ads: .*No space left on device"):
        land(landing, ADS, [ad(1, "a")])
    assert landing.loads() == []


def test_loads_of_one_stream_are_committed_one_after_the_other(landing, monkeypatch):
    """Else both would number their versions from what they saw before the other."""
    committing, go_on = threading.Event(), threading.Event()
    record = Manifest.record

    def slowly(self, loads, read):
        committing.set()
        assert go_on.wait(30)
        record(self, loads, read)

    monkeypatch.setattr(Manifest, "record", slowly)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(land, landing, ADS, [ad(1, "a", clicks=1)])
        assert committing.wait(30)
        committing.clear()
        second = pool.submit(land, landing, ADS, [ad(1, "a", clicks=2)])
        assert not committing.wait(0.5)
        go_on.set()
        assert (first.result(30).new_versions, second.result(30).new_versions) == (3, 1)
    assert [load.version for load in landing.loads() if load.day == FIRST] == [1, 2]
