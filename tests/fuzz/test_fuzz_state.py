"""What a run finds of earlier ones may be cut or broken by a full disk: it is read, or refused in words."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from fuzzing import fuzzed, refused_or
from hypothesis import strategies as st

from marketing_mart.landing import Landing
from marketing_mart.registry import Registry
from marketing_mart.release import Release, current
from marketing_mart.streams import INSTANT, MONEY, TEXT, Page, Stream, Window, columns

DAY = date(2025, 6, 30)
STREAM = Stream(
    "files", "orders", "entity", columns(order_id=TEXT, ordered_at=INSTANT, net_amount=MONEY), ("order_id",)
)
WHERE = {"at": st.integers(0, 10**6), "put": st.none() | st.binary(min_size=1, max_size=6)}


def home_of(folder: Path) -> Path:
    """A home with a run, a load and a release, without a warehouse in it."""
    registry = Registry(folder)
    run = registry.begin_run(DAY, kpi_start=DAY, demo=False)
    with registry.stage(run.run_id, "extract files") as detail:
        detail["orders"] = {"rows": 1}
    rows = pa.Table.from_pylist([{"order_id": "1", "ordered_at": datetime(2025, 6, 30, tzinfo=UTC)}], STREAM.schema)
    Landing(folder).land(
        STREAM, Window(None, DAY), iter([Page(rows)]), kpi_start=DAY, loaded_at=datetime(2025, 7, 1, tzinfo=UTC),
        run_id=run.run_id,
    )  # fmt: skip
    release = folder / "releases" / run.run_id
    release.mkdir(parents=True)
    told = Release(
        release,
        run.run_id,
        run.run_id,
        DAY,
        DAY,
        False,
        "EUR",
        "UTC",
        "f",
        datetime(2025, 7, 1, tzinfo=UTC),
        {"t": 1},
        7,
    )
    (release / "release.json").write_text(told.describe())
    (folder / "current").symlink_to(Path("releases") / run.run_id)
    return folder


def look(home: Path) -> None:
    registry = Registry(home)
    for run in registry.history():
        registry.stages(run.run_id)
        registry.nodes(run.run_id)
        registry.checks(run.run_id, "mart")
    registry.release_rows()


READERS = {
    "release.json": current,
    "registry.db": look,
    "manifest.db": lambda home: (Landing(home).loads(), Landing(home).reads(), Landing(home).views([STREAM])),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Path:
    return home_of(tmp_path_factory.mktemp("state") / "home")


@pytest.mark.parametrize("name", READERS)
def test_the_files_that_are_broken_below_are_read_as_they_are(sound, name):
    assert [path.name for path in sound.rglob(name)] == [name]
    READERS[name](sound)


@pytest.mark.parametrize("name", READERS)
@fuzzed(**WHERE, share=0.7)
def test_a_file_that_was_cut_or_overwritten(sound, tmp_path_factory, name, at, put):
    home = sound.parent / "broken"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(sound, home, symlinks=True)
    (path,) = home.rglob(name)
    for log in path.parent.glob(f"{name}-*"):  # SQLite would mend the file from its log
        log.unlink()
    content = path.read_bytes()
    at %= max(len(content), 1)
    path.write_bytes(content[:at] if put is None else content[:at] + put + content[at + len(put) :])
    refused_or(lambda: READERS[name](home))
