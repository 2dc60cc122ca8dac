"""The two gates: landed data before dbt, the candidate mart before it is published.

A gate leaves in `out`: <gate>.json (every check), samples/<gate>/*.csv (rows that broke one), docs/<gate>/ (HTML).
The suites are in `expectations/`, imported only when a gate runs.
"""

from pathlib import Path
from typing import Any

from marketing_mart.quality.results import CheckResult, GateContext, GateResult
from marketing_mart.quality.runner import run_gate

__all__ = ["CheckResult", "GateContext", "GateResult", "check_landed", "check_mart"]


def check_landed(database: Path, out: Path, *, context: GateContext) -> GateResult:
    """Check the landing as schema `landed` of `database` shows it."""
    return run_gate("landed", _landed_suites, database, out, context)


def check_mart(database: Path, out: Path, *, context: GateContext) -> GateResult:
    """Check the candidate mart: `database` with the schemas mart, intermediate and landed in it."""
    return run_gate("mart", _mart_suites, database, out, context)


def _landed_suites(scope: Any) -> Any:
    from expectations import landed

    return landed.suites(scope)


def _mart_suites(scope: Any) -> Any:
    from expectations import mart

    return mart.suites(scope)
