"""Gates: both of them on the following day, with the day before as the current release. The landed gate is shown what
the pipeline would show it: the loads of that day. The mart gate looks at that day's candidate."""

import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bench import child
from bench.sizes import Size
from bench.world import World

MIB_PER_GIB = 1024


def measure(size: Size, work: Path, build_seconds: float) -> dict[str, Any]:
    """The section `gates` of the results, over what `build.measure` left in `work`."""
    world = World.of(size)
    measured = {
        gate: child.run(
            "bench.gates:run",
            work,
            gate=gate,
            world=world.to_json(),
            database=work / "next" / "mart.duckdb",
            released=work / "first" / "mart.duckdb",
            out=work / "checks",
        )
        for gate in ("landed", "mart")
    }
    seconds = {gate: one.value["seconds"] for gate, one in measured.items()}
    mart, checks = work / "next" / "mart.duckdb", work / "checks"
    alerts = child.run("bench.alerts:green_run", work, database=mart, checks=checks, day=_following(world))
    return {
        "seconds": round(sum(seconds.values()), 1),
        "landed_seconds": seconds["landed"],
        "mart_seconds": seconds["mart"],
        "checks": {gate: one.value["checks"] for gate, one in measured.items()},
        "red": [name for one in measured.values() for name in one.value["red"]],
        "share_of_build": round(sum(seconds.values()) / build_seconds, 3),
        "peak_gib": round(max(one.peak_mib for one in measured.values()) / MIB_PER_GIB, 2),
        "alerts_seconds": alerts.value,
    }


def run(gate: str, world: dict[str, Any], database: str, released: str, out: str) -> dict[str, Any]:
    """Seconds of one gate, its imports included as in its Airflow task, and which checks are red."""
    of = World.from_json(world)
    began = time.perf_counter()
    from marketing_mart.quality import GateContext, GateResult, check_landed, check_mart

    check: Callable[..., GateResult] = {"landed": check_landed, "mart": check_mart}[gate]
    context = GateContext(
        day=_following(of),
        kpi_start=of.first_day,
        run_id="bench",
        streams_on=of.streams_on,
        owner="bench",
        current_release=Path(released),
    )
    path = Path(database) if gate == "mart" else _judged(Path(out), _following(of))
    result = check(path, Path(out), context=context)
    seconds = time.perf_counter() - began
    red = [f"{check.table} {check.name}" for check in result.checks if check.is_red]
    return {"seconds": round(seconds, 1), "checks": len(result.checks), "red": red}


def _judged(work: Path, day: date) -> Path:
    """The database that the landed gate of `day` gets."""
    from marketing_mart import warehouse
    from marketing_mart.connectors import streams
    from marketing_mart.landing import Landing, Offer

    landing = Landing(work.parent / "home")
    offered = Offer(tuple(read for read in landing.reads() if read.day == day))
    shown = landing.judged(streams(), offered)
    return warehouse.create_candidate(work / "landed", shown.pop("landed"), **shown)


def _following(world: World) -> date:
    return world.last_day + timedelta(days=1)
