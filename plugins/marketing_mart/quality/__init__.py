"""The two gates: landed data before dbt, the candidate mart before it is published.

A gate leaves in `out`: <gate>.json (every check), samples/<gate>/*.csv (rows that broke one), docs/<gate>/ (HTML).
"""

from pathlib import Path

from marketing_mart.quality.results import CheckResult, GateContext, GateResult
from marketing_mart.quality.runner import run_gate

__all__ = ["CheckResult", "GateContext", "GateResult", "check_landed", "check_mart"]


def check_landed(database: Path, out: Path, *, context: GateContext) -> GateResult:
    """Check the landing as schema `landed` of `database` shows it."""
    from expectations import landed

    return run_gate("landed", landed.suites, database, out, context)


def check_mart(database: Path, out: Path, *, context: GateContext) -> GateResult:
    """Check the candidate mart: `database` with the schemas mart, intermediate and landed in it."""
    from expectations import mart

    return run_gate("mart", mart.suites, database, out, context)
