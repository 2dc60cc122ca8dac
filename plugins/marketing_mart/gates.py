"""What both gates are told of the run, and what becomes of their results."""

import logging
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from marketing_mart.connectors import streams
from marketing_mart.extraction import streams_on
from marketing_mart.landing import Offer
from marketing_mart.quality import GateContext, GateResult
from marketing_mart.registry import Registry, Run
from marketing_mart.release import Release
from marketing_mart.settings import Settings
from marketing_mart.staleness import may_be_stale

log = logging.getLogger("marketing_mart")


def checks_folder(config: Settings, run_id: str) -> Path:
    """Results and sample rows of a run's gates; they outlive a run that fails."""
    return config.home / "checks" / run_id


def gate_context(
    config: Settings, run: Run, current: Release | None, offered: Offer, stale: Mapping[str, str]
) -> GateContext:
    """The streams that are on, and those of other sources that an earlier run read and no gate has looked at."""
    on = [stream for source in config.sources for stream in streams_on(config, source)]
    on += [stream for stream in streams() if stream.label in offered.labels and stream.source not in config.sources]
    return GateContext(
        day=run.day,
        kpi_start=run.kpi_start,
        run_id=run.run_id,
        streams_on=tuple(on),
        owner=config.config.alerts.owner,
        owners=config.config.alerts.owners,
        current_release=current.database if current else None,
        days=offered.days,
        stale=stale,
        may_be_stale=may_be_stale(config, run.day),
        acknowledged=Registry(config.home).acknowledged(),
    )


def settle(registry: Registry, run_id: str, result: GateResult, detail: dict) -> None:
    """Record a gate's result, then let it stop the run if it is red."""
    registry.record_checks(run_id, result.gate, [asdict(check) for check in result.checks])
    red = [check for check in result.checks if not check.ok]
    detail |= {"checks": len(result.checks), "red": len(red)}
    log.info("%s: %s checks, %s not green", result.gate, len(result.checks), len(red))
    result.raise_if_red()
