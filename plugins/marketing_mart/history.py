"""What `make history` prints: the runs, or one run with its stages, loads, red checks and slowest nodes."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from marketing_mart.redaction import printable
from marketing_mart.registry import LoadRun, Registry, Run, StageRun

RUNS = 20
SLOWEST = 10
GATES = ("landed", "mart")
WIDTH = 200  # of a pipe, which has none of its own


def show(registry: Registry, run_id: str | None, *, to_terminal: bool) -> None:
    """Print the newest runs, or `run_id`. PublishError where there is no such run."""
    found = run_page(registry, run_id) if run_id else runs_table(registry.history(RUNS))
    Console(width=None if to_terminal else WIDTH).print(found)


def runs_table(runs: Iterable[Run]) -> Table:
    columns = ("run", "kind", "day", "began (UTC)", "seconds", "outcome", "release", "why")
    table = Table(*columns, title="runs, newest first")
    for run in runs:
        why = _text((run.error or "").partition("\n")[0])
        began = f"{run.started_at:%Y-%m-%d %H:%M:%S}"
        seconds = _seconds(run.seconds, 0)
        table.add_row(run.run_id, run.kind, str(run.day), began, seconds, run.outcome, run.release_id or "", why)
    return table


def run_page(registry: Registry, run_id: str) -> RenderableType:
    """Everything the registry has of one run; what it has forgotten of an old one is left out."""
    run = registry.run(run_id)
    parts: list[RenderableType] = [_text(_told(run)), _stages(registry.stages(run_id))]
    if loads := registry.loads(run_id):
        parts.append(_loads(loads))
    checks = {gate: registry.checks(run_id, gate) for gate in GATES}
    if any(checks.values()):
        parts.append(_checks(checks))
    if nodes := registry.nodes(run_id):
        parts.append(_nodes(nodes))
    return Group(*parts)


def _told(run: Run) -> str:
    demo = ", demo data" if run.demo else ""
    lines = [
        f"{run.kind} {run.run_id}: {run.outcome}{demo}",
        f"  day {run.day}, KPIs from {run.kpi_start or 'its first load'}",
        f"  began {_moment(run.started_at)}, ended {_moment(run.ended_at)}, {_seconds(run.seconds, 1) or '…'} s",
        f"  release {run.release_id or 'none'}",
    ]
    if run.error:
        lines.append(f"  {run.error_kind or 'error'}: {run.error}")
    return "\n".join(lines)


def _stages(stages: Iterable[StageRun]) -> Table:
    table = Table("stage", "try", "began (UTC)", "seconds", "outcome", "what", title="stages")
    for stage in stages:
        what = _text(stage.error or _detail(stage.detail))
        began = f"{stage.started_at:%H:%M:%S}"
        table.add_row(stage.stage, str(stage.attempt), began, _seconds(stage.seconds, 1), stage.outcome, what)
    return table


def _loads(loads: Iterable[LoadRun]) -> Table:
    table = Table("source", "stream", "from", "to", "days", "rows", "days new", "seconds", title="loads")
    for load in loads:
        table.add_row(
            load.source, load.stream, _day(load.first_day), _day(load.last_day), f"{load.days:,}", f"{load.rows:,}",
            f"{load.new_versions:,}", _seconds(load.seconds, 1),
        )  # fmt: skip
    return table


def _checks(checks: Mapping[str, list[dict[str, Any]]]) -> Table:
    counts = ", ".join(f"{gate} {len(of_gate):,}" for gate, of_gate in checks.items() if of_gate)
    table = Table("gate", "table", "check", "severity", "found", "next", title=f"checks that were not green ({counts})")
    for gate, of_gate in checks.items():
        for check in of_gate:
            if not check["ok"]:
                severity = "broken" if check["broken"] else check["severity"]
                found, next_step = _text(check["observed"]), _text(check["next_step"])
                table.add_row(gate, check["table"], check["name"], severity, found, next_step)
    if not table.rows:
        table.add_row("", "", "none", "", "", "")
    return table


def _nodes(nodes: list[dict[str, Any]]) -> Table:
    seconds = sum(node["seconds"] for node in nodes)
    table = Table("node", "status", "seconds", title=f"slowest of dbt's {len(nodes):,} nodes ({seconds:.1f} s of work)")
    for node in sorted(nodes, key=lambda node: (-node["seconds"], node["name"]))[:SLOWEST]:
        table.add_row(node["name"], node["status"], f"{node['seconds']:.2f}")
    return table


def _detail(detail: Mapping[str, Any]) -> str:
    """A stage's own words; streams of an extract stand among the loads."""
    return ", ".join(f"{name} {value}" for name, value in detail.items() if not isinstance(value, dict))


def _text(told: str) -> Text:
    """Markup and controls of a vendor's text are shown, never followed."""
    return Text(printable(told))


def _seconds(seconds: float | None, digits: int) -> str:
    return "" if seconds is None else f"{seconds:.{digits}f}"


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "not yet"


def _day(day: date | None) -> str:
    return str(day) if day else "the beginning"
