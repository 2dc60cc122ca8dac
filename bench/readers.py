"""Readers while releases change under them: what they see, and how long publishing makes them wait.

Half of the readers open `current/mart.duckdb` anew for every query, as tools do that know nothing of releases; half
keep a connection from `open_current` and open it anew now and then. The waits are compared with those of the same
readers while as many releases are published into another home: the machine is as busy, and nobody reads there.
"""

import math
import multiprocessing
import os
import sys
import time
from dataclasses import dataclass
from datetime import date
from itertools import count
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import duckdb

from marketing_mart import publishing
from marketing_mart.registry import Registry

DAY = date(2025, 6, 30)
PAUSE = 0.25  # seconds between two queries of a reader: a dashboard, not a load test
# Of the queries, up to the slowest of a thousand: the slowest of all is a matter of what else the machine did then.
SHARES = (0.5, 0.9, 0.99, 0.999)
KEPT_FOR = 5  # queries on one kept connection
ROWS = 2_000
READ = 60.0  # seconds that a reader may take to begin or to end


@dataclass(frozen=True)
class Seen:
    """What one reader saw: milliseconds of its queries in each phase, errors, and reads that were of two releases."""

    waits: dict[str, list[float]]
    errors: list[str]
    mixed: int
    releases: int


def measure(folder: Path, *, releases: int = 200, readers: int = 16, elsewhere: bool = True) -> dict[str, Any]:
    """The section `readers`. `max_wait_ms_caused`: the most by which publishing here, rather than elsewhere, moves any
    of the SHARES of the readers' waits. Without `elsewhere` none is measured (None)."""
    home, other, load = folder / "home", folder / "elsewhere", round(os.getloadavg()[0], 2)
    numbers = count(1)
    publish_next(home, next(numbers))
    processes = _processes()
    phase, stop, results = processes.Array("c", 16), processes.Event(), processes.Queue()
    ready = processes.Barrier(readers + 1)
    started = [
        processes.Process(target=_read, args=(home, position % 2 == 0, phase, stop, ready, results), daemon=True)
        for position in range(readers)
    ]
    for reader in started:
        reader.start()
    ready.wait(READ)
    if elsewhere:
        phase.value = b"elsewhere"
        for number in range(1, releases + 1):
            publish_next(other, number)
    phase.value = b"here"
    began = time.perf_counter()
    for _ in range(releases):
        publish_next(home, next(numbers))
    seconds = time.perf_counter() - began
    phase.value = b"after"
    stop.set()
    seen: list[Seen] = [results.get(timeout=READ) for _ in started]
    for reader in started:
        reader.join()
    return {**_told(releases, seconds, seen), "load_at_start": load}


def publish_next(home: Path, number: int) -> None:
    """A release of two tables, all of whose rows say its number."""
    run = Registry(home).begin_run(DAY, kpi_start=DAY, demo=True)
    candidate = home / "candidates" / run.run_id
    candidate.mkdir(parents=True)
    with duckdb.connect(str(candidate / "mart.duckdb")) as mart:
        mart.execute("create schema mart")
        for table in ("kpi_daily", "fct_orders"):
            mart.execute(f"create table mart.mart.{table} as select range as n, {number} as release from range({ROWS})")
    publishing.publish(
        home, run.run_id, candidate, day=DAY, kpi_start=DAY, fingerprint=str(number), demo=True, currency="USD",
        timezone="UTC", keep=2,
    )  # fmt: skip


def _processes() -> Any:
    """Processes that have imported what they need."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    try:
        forkserver.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
    return context


def _read(home: Path, by_path: bool, phase: Any, stop: Any, ready: Any, results: Any) -> None:
    waits: dict[str, list[float]] = {}
    errors: list[str] = []
    mixed, numbers, kept, left = 0, set(), None, 0
    ready.wait(READ)
    while not stop.is_set():
        during, began = phase.value.decode(), time.perf_counter()
        try:
            if by_path:
                with duckdb.connect(str(home / "current" / "mart.duckdb"), read_only=True) as mart:
                    found = _releases(mart, "mart.mart")
            else:
                if kept is None or left == 0:
                    if kept is not None:
                        kept.close()
                    kept, left, of_kept = publishing.open_current(home), KEPT_FOR, set()
                found, left = _releases(kept, "mart"), left - 1
                of_kept |= found
                mixed += len(of_kept) > 1  # a kept connection stays with its release
            mixed += len(found) > 1
            numbers |= found
        except Exception as error:
            errors.append(repr(error)[:300])
            kept = None
        waits.setdefault(during, []).append((time.perf_counter() - began) * 1000)
        time.sleep(PAUSE)
    results.put(Seen(waits, errors, mixed, len(numbers)))


def _releases(mart: duckdb.DuckDBPyConnection, schema: str) -> set[int]:
    """The numbers of all releases that the rows of both tables are of, one query a table."""
    found: set[int] = set()
    for table in ("kpi_daily", "fct_orders"):
        rows = mart.execute(f"select release, count(*) from {schema}.{table} group by release").fetchall()
        found |= {release for release, _ in rows}
        if sum(number for _, number in rows) != ROWS:
            found.add(-1)  # half a table
    return found


def _told(releases: int, seconds: float, seen: list[Seen]) -> dict[str, Any]:
    here = sorted(wait for one in seen for wait in one.waits.get("here", ()))
    there = sorted(wait for one in seen for wait in one.waits.get("elsewhere", ()))
    caused = None
    if here and there:
        caused = round(max(0.0, *(_at(here, share) - _at(there, share) for share in SHARES)), 1)
    errors = [error for one in seen for error in one.errors]
    return {
        "releases": releases,
        "readers": len(seen),
        "queries": sum(len(waits) for one in seen for waits in one.waits.values()),
        "errors": len(errors),
        "error_texts": sorted(set(errors))[:5],
        "mixed": sum(one.mixed for one in seen),
        "releases_seen": sum(one.releases for one in seen),
        "seconds": round(seconds, 1),
        "max_wait_ms_caused": caused,
        "max_ms": {"publishing": _at(here, 1), "elsewhere": _at(there, 1)},
        **{
            f"p{share * 100:g}_ms": {"publishing": _at(here, share), "elsewhere": _at(there, share)} for share in SHARES
        },
    }


def _at(waits: list[float], share: float) -> float | None:
    return round(waits[math.ceil(share * len(waits)) - 1], 1) if waits else None
