"""Build: the candidate mart of the 3-year world by dbt, the same SQL bare in DuckDB, and a following day.

`times_bare_duckdb` compares what dbt does with the same work without dbt: the compiled models and data tests, in
order, in one connection. dbt's own start, parsing and bookkeeping are in dbt's seconds alone.
This version rebuilds every table every day, so `next_day_share` is about 1. What is compared alternates.
"""

import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from bench import child
from bench.sizes import Size
from bench.world import World

MIB_PER_GIB = 1024
SLOWEST = 8
SOURCES = ("files", "google_ads", "hubspot", "meta_ads", "shopify")


def measure(size: Size, work: Path) -> dict[str, Any]:
    """The section `build` of the results. Leaves `home` with the landing and `first/`, `next/` with their marts."""
    world, home = World.of(size), work / "home"
    day = world.last_day + timedelta(days=1)
    landed, landed_next = _landed(world, work, home, day)
    compiled = {"compiled": work / "dbt", "folder": work / "bare", "views": work / "first.json"}
    child.run("bench.bare:compile_models", work, **compiled, variables=variables(world, world.last_day))
    by_dbt, bare, following = [], [], []
    for _ in range(size.build_rounds):
        shutil.rmtree(work / "parsed", ignore_errors=True)  # the first build has nothing of an earlier one to take
        by_dbt.append(_by_dbt(work, world, "first", world.last_day))
        bare.append(child.run("bench.bare:run", work, **compiled))
        following.append(_by_dbt(work, world, "next", day))
    seconds = median(build.value["seconds"] for build in by_dbt)
    next_seconds = median(build.value["seconds"] for build in following)
    bare_seconds = median(sum(one.value.values()) for one in bare)
    return {
        "rows": landed["rows"],
        "ad_rows": world.ads_per_day * world.days,
        "orders": world.orders_per_day * world.days,
        "sessions": world.sessions_per_day * world.days,
        "rounds": size.build_rounds,
        "landing_seconds": landed["seconds"],
        "seconds": seconds,
        "cpu_seconds": median(build.cpu_seconds for build in by_dbt),
        "bare_duckdb_seconds": round(bare_seconds, 1),
        "bare_duckdb_cpu_seconds": median(one.cpu_seconds for one in bare),
        "bare_duckdb": bare[-1].value,
        "times_bare_duckdb": round(seconds / bare_seconds, 3),
        "next_day_seconds": next_seconds,
        "next_day_cpu_seconds": median(build.cpu_seconds for build in following),
        "next_day_share": round(next_seconds / seconds, 3),
        "next_day_landed_rows": landed_next["rows"],
        "peak_gib": _gib(max(build.started_peak_mib for build in (*by_dbt, *following))),
        "bare_duckdb_peak_gib": _gib(max(one.peak_mib for one in bare)),
        "slowest": _slowest(by_dbt[-1].value["nodes"]),
    }


def _landed(world: World, work: Path, home: Path, day: date) -> tuple[dict[str, Any], dict[str, Any]]:
    """Land the history and the day after it, and remember what the landing showed then. A folder that was kept has it
    all already."""
    told = work / "landed.json"
    if not told.exists():
        first = child.run("bench.build:land_history", work, world=world.to_json(), home=home).value
        child.run("bench.build:remember_views", work, home=home, views=work / "first.json")
        following = child.run("bench.build:land_day", work, world=world.to_json(), home=home, day=day).value
        child.run("bench.build:remember_views", work, home=home, views=work / "next.json")
        told.write_text(json.dumps([first, following]))
    first, following = json.loads(told.read_text())
    return first, following


def variables(world: World, day: date) -> dict[str, Any]:
    """What the pipeline tells the models."""
    from marketing_mart.config import Config, Source
    from marketing_mart.model_variables import variables as told

    landed = [stream.label for stream in world.streams_on]
    config = Config(sources={name: Source() for name in SOURCES})
    return told(config, mart_date=day, kpi_start=world.first_day, landed=landed)


def _by_dbt(work: Path, world: World, name: str, day: date) -> child.Measured:
    views = work / f"{name}.json"
    told = {"variables": variables(world, day), "parsed": work / "parsed"}
    return child.run("bench.build:by_dbt", work, views=views, folder=work / name, **told)


def land_history(world: dict[str, Any], home: str) -> dict[str, Any]:
    from bench import world as worlds

    began = time.perf_counter()
    rows = worlds.land_history(World.from_json(world), Path(home))
    return {"rows": rows, "seconds": round(time.perf_counter() - began, 1)}


def land_day(world: dict[str, Any], home: str, day: str) -> dict[str, Any]:
    from bench import world as worlds

    began = time.perf_counter()
    rows = worlds.land_day(World.from_json(world), Path(home), date.fromisoformat(day))
    return {"rows": rows, "seconds": round(time.perf_counter() - began, 1)}


def remember_views(home: str, views: str) -> None:
    """Keep what the landing shows now in the file `views`: it stays so, whatever lands later."""
    from marketing_mart.connectors import streams
    from marketing_mart.landing import Landing

    Path(views).write_text(json.dumps(Landing(Path(home)).views(streams())))


def candidate(views: str, folder: str) -> Path:
    """A new candidate over remembered views."""
    from marketing_mart import warehouse
    from marketing_mart.mart_runs import RUNS

    runs = {"runs": RUNS.empty_table()}  # no registry is kept here
    return warehouse.create_candidate(Path(folder), json.loads(Path(views).read_text()), runs)


def by_dbt(views: str, folder: str, variables: dict[str, Any], parsed: str) -> dict[str, Any]:
    """Seconds of `warehouse.build` on a new candidate, and of each node in it."""
    from marketing_mart import warehouse

    database = candidate(views, folder)
    began = time.perf_counter()
    nodes = warehouse.build(database, variables, log_folder=Path(folder, "logs"), parsed=Path(parsed))
    seconds = time.perf_counter() - began
    return {"seconds": round(seconds, 1), "nodes": [asdict(node) for node in nodes]}


def _slowest(nodes: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Seconds of the models and tests that took longest, by name."""
    ordered = sorted(nodes, key=lambda node: -node["seconds"])[:SLOWEST]
    return {node["name"].split(".", 1)[0] + " " + node["name"].split(".")[2]: node["seconds"] for node in ordered}


def _gib(mib: float) -> float:
    return round(mib / MIB_PER_GIB, 2)
