"""What the results say of the machine, and the table that is printed."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from bench.sizes import Size

BYTES_PER_GIB = 2**30


def machine(size: Size) -> dict[str, Any]:
    """The section `machine`. `load_at_start`: what else ran, as the average number of running processes."""
    whole = "the 3-year world" if size.world_share == 1 else f"{size.world_share} of the 3-year world"
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / BYTES_PER_GIB, 1),
        "python": platform.python_version(),
        "duckdb": version("duckdb"),
        "dbt": version("dbt-core"),
        "dlt": version("dlt"),
        "great_expectations": version("great-expectations"),
        "date": datetime.now(UTC).date().isoformat(),
        "size": f"{size.name}: {whole}",
        "load_at_start": round(os.getloadavg()[0], 2),
    }


def told(subject: str, section: dict[str, Any]) -> dict[str, Any]:
    """The section, after printing it."""
    print(f"\n{subject}")
    for name, value in section.items():
        for label, one in _lines(name, value):
            print(f"  {label:<44} {_shown(one):>16}", flush=True)
    return section


def _lines(name: str, value: Any) -> list[tuple[str, Any]]:
    """A nested value gets a line for each of its parts."""
    if isinstance(value, dict):
        return [(f"{name}: {part}", one) for part, one in value.items()]
    if isinstance(value, list) and value:
        return [(f"{name} {position + 1}", one) for position, one in enumerate(value)]
    return [(name, value)]


def _shown(value: Any) -> str:
    if value is None:
        return "not measured"
    if value == []:
        return "none"
    if isinstance(value, dict):
        return ", ".join(_shown(one) for one in value.values())
    return f"{value:,}" if isinstance(value, int | float) else str(value)
