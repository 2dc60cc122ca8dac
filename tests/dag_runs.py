"""Runs of the real DAG for tests: one simulator, many homes, everything on loopback."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import duckdb
import psutil

from marketing_mart import publishing
from marketing_mart.registry import Registry

ROOT = Path(__file__).resolve().parents[1]
TELL_OF_LOADS = ("fct_restatements", "mart_freshness", "mart_runs")  # all others are of the landed rows alone
RUN_SECONDS = 900  # a bound against hanging, not an expectation


def environment(home: Path, **more: str) -> dict[str, str]:
    """A child's environment: nothing of the caller's MART_ variables, this home, what the test adds."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MART_", "AIRFLOW_"))}
    return clean | {"MART_HOME": str(home), "PYTHONPATH": f"{ROOT / 'plugins'}:{ROOT}"} | more


def mart(home: Path, command: str = "run", *arguments: str, **more: str) -> subprocess.CompletedProcess:
    """`python -m marketing_mart <command>`, which is what the Makefile calls."""
    return subprocess.run(
        [sys.executable, "-m", "marketing_mart", command, *arguments],
        env=environment(home, **more), capture_output=True, text=True, timeout=RUN_SECONDS, check=False, cwd=ROOT,
    )  # fmt: skip


def published(home: Path, **more: str) -> str:
    """A run that must end well; returns what it printed."""
    done = mart(home, **more)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def killed(home: Path, stage: str, **more: str) -> None:
    """Start a run and SIGKILL every process of it while `stage` is under way."""
    process = subprocess.Popen(
        [sys.executable, "-m", "marketing_mart", "run"],
        env=environment(home, **more), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT,
    )  # fmt: skip
    known = {run.run_id for run in Registry(home).history(100)}
    limit = time.monotonic() + RUN_SECONDS
    while time.monotonic() < limit:
        assert process.poll() is None, f"the run ended before {stage} was seen"
        new = [run for run in Registry(home).history(3) if run.run_id not in known]
        if any(
            s.stage.startswith(stage) and s.outcome == "running"
            for run in new
            for s in Registry(home).stages(run.run_id)
        ):
            break
        time.sleep(0.05)  # looking must not cost the run its core
    for child in [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]:
        try:
            child.kill()
        except psutil.NoSuchProcess:
            continue
    process.wait()


@contextmanager
def simulator(as_of: str) -> Iterator[str]:
    """The simulated vendors at their default seed and size; yields the address."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready"
        command = [sys.executable, "-m", "simulator", "--port", "0", "--as-of", as_of, "--ready-file", str(ready)]
        process = subprocess.Popen([*command, "--parent", str(os.getpid())], cwd=ROOT, stdout=subprocess.DEVNULL)
        try:
            limit = time.monotonic() + 120
            while not ready.exists():
                assert process.poll() is None and time.monotonic() < limit, "the simulator did not start"
                time.sleep(0.05)
            yield ready.read_text().strip()
        finally:
            process.terminate()
            process.wait()


def control(url: str, path: str, body: dict | None = None, method: str = "POST") -> None:
    request = Request(f"{url}/_control/{path}", method=method, data=json.dumps(body or {}).encode())
    request.add_header("Content-Type", "application/json")
    with urlopen(request, timeout=60) as answer:
        assert answer.status == 200


def ledger(day: str, path: Path) -> Path:
    """The true totals as visible at the end of `day`."""
    command = [sys.executable, "-m", "simulator", "--as-of", day, "--ledger", str(path)]
    subprocess.run(command, cwd=ROOT, check=True, env=environment(path.parent))
    return path


def differing_tables(one: Path, other: Path) -> list[str]:
    """Tables of two homes' current releases that differ in any row; what tells of loads is left out."""
    releases = [publishing.current(home) for home in (one, other)]
    assert all(releases)
    names = sorted(set(releases[0].tables) | set(releases[1].tables))
    assert len(names) > 15
    found = []
    with duckdb.connect() as both:
        for alias, release in zip(("one", "two"), releases, strict=True):
            both.execute(f"attach '{release.database}' as {alias} (read_only)")
        for name in names:
            if name in TELL_OF_LOADS:
                continue
            query = "select count(*) from ((from {}.mart.{t} except all from {}.mart.{t}))"
            counts = [
                both.execute(query.format(a, b, t=name)).fetchone()[0] for a, b in (("one", "two"), ("two", "one"))
            ]
            if any(counts):
                found.append(f"{name}: {counts}")
    return found
