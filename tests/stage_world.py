"""A whole small mart, and its stages run in processes of their own in which something goes wrong.

The stages are the pipeline's own: the `files` source, the landing, the registry, publishing, the report. What takes
long is stood in for where a case is not about it: dbt by a program that makes one KPI table out of what was landed
(started, awaited and read as dbt is), the gates by a check that is green.
"""

import ctypes
import multiprocessing
import os
import resource
import shutil
import signal
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import ceil
from multiprocessing import forkserver
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import duckdb
import yaml

from marketing_mart import pipeline, publishing, quality, warehouse
from marketing_mart.connectors import files
from marketing_mart.errors import MartError
from marketing_mart.quality import CheckResult, GateContext, GateResult
from marketing_mart.registry import Registry
from marketing_mart.release import attached
from marketing_mart.report import charts
from marketing_mart.streams import Access

ROOT = Path(__file__).resolve().parents[1]
FIRST_DAY, DAY = "2025-06-03", "2025-06-04"
STAGES = ("registry", "extract", "land", "landed gate", "build", "mart gate", "publish", "report")
BUILT_BY_STAND_IN = '''#!{python}
"""Stands in for dbt: one KPI table of what was landed, and the results as dbt leaves them."""
import json, os, signal, sys
from pathlib import Path
import duckdb
target = Path(sys.argv[sys.argv.index("--target-path") + 1])
try:
    with duckdb.connect(os.environ["MART_CANDIDATE"]) as mart:
        mart.execute(Path(__file__).with_name("mart.sql").read_text())
        if os.environ.get("DBT_RUNS_OUT_OF_MEMORY"):  # the kernel ends the process that holds the most
            os.kill(os.getpid(), signal.SIGKILL)
        mart.execute("insert into kpi_daily by name select date_day, sum(spend) as spend, count(*) as orders"
                     " from landed.files__ad_performance group by date_day order by date_day")
    target.mkdir(parents=True, exist_ok=True)
    (target / "semantic_manifest.json").write_text("{{}}")
    result = {{"unique_id": "model.kpi_daily", "status": "success", "execution_time": 0.1, "message": "OK"}}
    (target / "run_results.json").write_text(json.dumps({{"results": [result]}}))
except (duckdb.Error, OSError) as error:
    sys.exit("Runtime Error: " + str(error))
'''
PRELOADED = ["great_expectations", "expectations.landed", "expectations.mart"]
REPORTED = ("kpi_daily", "kpi_channel_daily", "kpi_campaign_daily", "fct_orders", "kpi_alerts", "mart_freshness")
CONFIG = 'sources: {files: {}}\nalerts: {routes: [{url: "file:alerts.txt", severity: error}]}\n'
HEADER = "date_day,platform,account_id,account_name,campaign_id,campaign_name,currency,impressions,clicks,spend\n"
WRITES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.chmod", "os.link", "sqlite3.connect"}
_REAL = quality.check_landed, quality.check_mart


@dataclass(frozen=True)
class Trouble:
    """`kind`: kill, full, memory (at `point`, a share of the stage's steps on the disk), read-only, clock (`days`)."""

    kind: str
    point: float = 0.0
    days: int = 0


NONE = Trouble("")


@dataclass(frozen=True)
class Went:
    """How a stage went: `error` is the class of what it raised ("" if it ended well), `told` its text and next step;
    `signal` what killed its process. `steps`: on the disk."""

    error: str = ""
    told: str = ""
    next_step: str = ""
    signal: int = 0
    steps: int = 0
    value: Any = None


class World:
    """One folder with its configuration, inbox and MART_HOME."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / "home"

    @classmethod
    def make(cls, folder: Path) -> "World":
        world = cls(folder)
        (folder / "inbox").mkdir(parents=True)
        (folder / "bin").mkdir()
        (folder / "mart.yml").write_text(CONFIG)
        program = folder / "bin" / "dbt"
        program.write_text(BUILT_BY_STAND_IN.format(python=sys.executable))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        (folder / "bin" / "mart.sql").write_text(_tables())
        return world

    def copy(self, folder: Path) -> "World":
        shutil.copytree(self.folder, folder, symlinks=True)
        return World(folder)

    def export(self, until: str, spend: str) -> None:
        days = [date(2025, 6, 1) + timedelta(days=n) for n in range(int(until[-2:]))]
        rows = [f"{day},x_ads,1,Shop,c{n},Summer,EUR,100,10,{spend}\n" for day in days for n in range(3)]
        (self.folder / "inbox" / "ad_performance.csv").write_text(HEADER + "".join(rows))

    def environment(self) -> dict[str, str]:
        return {
            "MART_HOME": str(self.home), "MART_CONFIG": str(self.folder / "mart.yml"),
            "MART_INBOX": str(self.folder / "inbox"), "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip

    @property
    def run_id(self) -> str:
        return Registry(self.home).history(1)[0].run_id

    def served(self) -> str | None:
        current = self.home / "current"
        return os.readlink(current) if current.is_symlink() else None

    def tables(self) -> dict[str, list[tuple]]:
        """Every row of the current release, but for what tells of runs."""
        release = publishing.current(self.home)
        with attached(release.database) as mart:
            return {
                name: sorted(mart.execute(f"from {name}").fetchall(), key=repr)
                for name in release.tables
                if name != "mart_runs"
            }


def _tables() -> str:
    """The tables that the page reads, with the columns of their models."""
    told = {page.stem: page for page in (ROOT / "dbt_project" / "models" / "marts").rglob("*.yml")}
    statements = ["create schema mart; use mart.mart;"]
    for name in REPORTED:
        [model] = yaml.safe_load(told[name].read_text())["models"]
        columns = ", ".join(f'"{column["name"]}" {column["data_type"]}' for column in model["columns"])
        statements.append(f"create table {name} ({columns});")
    return "\n".join(statements)


def run_stage(world: World, stage: str, day: str = DAY) -> Any:
    """What its Airflow task does."""
    if stage == "registry":
        return pipeline.start(None, {"mart_date": day, "mart_start": "2025-06-01"})
    run = world.run_id
    if stage == "extract":
        identity = Access("identity", "", secret="a key of the tests")
        return pipeline.extract(run, "files", Access("files", ""), identity)
    if stage == "report":  # the page alone; faults of telling are in test_telling
        with mock.patch.object(pipeline, "tell_run"):
            return pipeline.report(publishing.current(world.home).release_id)
    names = {"landed gate": "check_landed", "mart gate": "check_mart"}
    return getattr(pipeline, names.get(stage, stage))(run)


def _stand_in(gate: str) -> Callable[..., GateResult]:
    def check(database: Path, out: Path, *, context: GateContext) -> GateResult:
        with duckdb.connect(str(database), read_only=True) as connection:
            ok = bool(connection.execute("select count(*) from duckdb_views()").fetchone()[0])
        green = CheckResult(
            table="t", name="c", severity="error", broken=False, ok=ok, observed="", expected="", failed_rows=0,
            sample_path="", owner="", next_step="", why="", source="files" if gate == "landed" else "",
        )  # fmt: skip
        result = GateResult(gate, context.day, (green,))
        out.mkdir(parents=True, exist_ok=True)
        result.write(out / f"{gate}.json")
        return result

    return check


def _small_suite(scope: Any) -> Any:
    """The mart gate's own machinery on the one table that the stand-in for dbt fills."""
    from expectations.base import no_rows, not_empty

    again = {"why": "a test", "next_step": "make run"}
    query = "select * from batch where spend is null"
    return {"mart.kpi_daily": [not_empty(**again), no_rows("spend_known", query, expected="a spend", **again)]}


class _Steps:
    """Counts the steps that a stage takes on the disk, and lets trouble begin at one of them."""

    def __init__(self, home: Path, at: int, trouble: Callable[[], None]) -> None:
        self.home, self.at, self.trouble = str(home), at, trouble
        self.count, self.counting = 0, True
        sys.addaudithook(self.seen)

    def seen(self, event: str, arguments: tuple) -> None:
        if not self.counting:
            return
        if event == "open":
            mode, flags = arguments[1], arguments[2] or 0
            if not (isinstance(mode, str) and set(mode) & set("wax+")) and not flags & (os.O_WRONLY | os.O_RDWR):
                return
        elif event == "subprocess.Popen":
            arguments = (self.home,)
        elif event not in WRITES:
            return
        if str(arguments[0]).startswith(self.home):
            self.count += 1
            if self.count == self.at:
                self.trouble()


def _begin(trouble: Trouble) -> None:
    if trouble.kind == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif trouble.kind == "full":  # from here on no file can grow, whoever writes it
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    elif trouble.kind == "memory":
        # less than there is already: what the process has it keeps, and it gets no more
        resource.setrlimit(resource.RLIMIT_AS, (2**20, resource.RLIM_INFINITY))


def _obey_modes() -> None:
    """Root may write where the mode says no: that right is given back (capset(2), version 3). Anyone else has none."""
    if os.geteuid() != 0:
        return

    class Header(ctypes.Structure):
        _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))

    class Data(ctypes.Structure):
        _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))

    header, sets = Header(0x20080522, 0), (Data * 2)()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.capset(ctypes.byref(header), sets) != 0:
        raise OSError(ctypes.get_errno(), "capset")


class _Anyhow(type):
    def __instancecheck__(cls, one: object) -> bool:
        return isinstance(one, datetime)


def _set_clock(days: int) -> None:
    """Every module of ours tells the time so many days off the morning after DAY."""
    off = datetime.fromisoformat(f"{DAY}T00:00:00+00:00") + timedelta(days=1 + days, hours=3) - datetime.now(UTC)

    class Off(datetime, metaclass=_Anyhow):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + off

    for name, module in list(sys.modules.items()):
        if name.startswith("marketing_mart") and vars(module).get("datetime") is datetime:
            module.datetime = Off


def _in_child(
    folder: Path, stages: tuple[str, ...], day: str, trouble: Trouble, at: int, real: bool, told: Any, go: Any
) -> None:
    world, stage = World(folder), stages[0]
    os.environ.update(world.environment())
    warehouse.sys = SimpleNamespace(executable=str(folder / "bin" / "python"))
    if not (real and stage == "landed gate"):
        quality.check_landed = _stand_in("landed")
    quality._mart_suites = _small_suite
    if not (real and stage == "mart gate"):
        quality.check_mart = _stand_in("mart")
    charts.javascript = lambda: "0"  # seconds of work that no case is about
    if trouble.kind == "read-only":
        _obey_modes()
    if trouble.kind == "clock":
        _set_clock(trouble.days)
    if trouble.kind == "memory of dbt":
        os.environ["DBT_RUNS_OUT_OF_MEMORY"] = "1"
    steps = _Steps(world.home, at, lambda: _begin(trouble))
    if stage in ("extract", "land"):
        _watch_source(stage, steps)
    if go is not None:
        go.wait(30)
    try:
        values = [run_stage(world, "extract" if one == "land" else one, day) for one in stages]
        went = Went(value=values[0])
    except MartError as error:
        went = Went(type(error).__name__, str(error.args[0]), error.next_step)
    except BaseException as error:
        went = Went("raw " + type(error).__name__, repr(error))
    counted, steps.counting = steps.count, False
    for limit in (resource.RLIMIT_FSIZE, resource.RLIMIT_AS):
        resource.setrlimit(limit, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    told.send(Went(**{**went.__dict__, "steps": counted}))


def _watch_source(stage: str, steps: _Steps) -> None:
    """Of `extract` the steps until the last page has come count, of `land` those after it."""
    read, steps.counting = files.read, stage == "extract"

    def watched(*arguments: Any) -> Iterator[Any]:
        steps.counting = stage == "extract"
        yield from read(*arguments)
        steps.counting = stage == "land"

    files.read = watched


class Children:
    """Processes that have imported all they need."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([__name__, *PRELOADED])
        before = dict(os.environ)
        os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)
        forkserver.ensure_running()
        os.environ.clear()
        os.environ.update(before)

    def run(
        self, world: World, *stages: str, trouble: Trouble = NONE, at: int = 0, day: str = DAY, real: bool = False,
        go: Any = None,
    ) -> Callable[[], Went]:  # fmt: skip
        """Starts a stage, or several one after the other; the function that it returns waits for their end."""
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=_in_child, args=(world.folder, stages, day, trouble, at, real, theirs, go), daemon=False
        )
        process.start()
        theirs.close()

        def ended() -> Went:
            went = None
            if ours.poll(120):
                try:
                    went = ours.recv()
                except EOFError:
                    went = None
            process.join(60)
            return went or Went(signal=-(process.exitcode or 0))

        return ended

    def well(self, world: World, *stages: str, day: str = DAY) -> None:
        """Stages one after the other, in one process and without any trouble."""
        if stages:
            went = self.run(world, *stages, day=day)()
            assert not went.error and not went.signal, (stages, went)

    def barrier(self, parties: int) -> Any:
        return self._context.Barrier(parties)


def after(stage: str) -> tuple[str, ...]:
    """The stages that follow; `land` is the second half of the task that extracts."""
    return tuple(one for one in STAGES[STAGES.index(stage) + 1 :] if one != "land")


def steps_at(point: float, whole: int) -> int:
    return max(1, ceil(point * whole))
