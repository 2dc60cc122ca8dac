"""Runs a gate's suites, pushed down: Great Expectations writes SQL, DuckDB reads the rows.

Nothing here is green by absence: a suite without checks, for a table that isn't there, or with something in it
that is no expectation is refused, and every check must come back with a result of its own.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from marketing_mart.errors import GateBroken, MartError
from marketing_mart.quality.docs import write_index, write_page
from marketing_mart.quality.engine import Engine, check_of, opened, raised_by
from marketing_mart.quality.results import CheckResult, GateContext, GateResult
from marketing_mart.quality.samples import first_row, write_sample


def run_gate(gate: str, suites_of: Callable, database: Path, out: Path, context: GateContext) -> GateResult:
    """Check `database` (opened read-only) against `suites_of(scope)`; leave <gate>.json, samples and docs in `out`.

    Raises GateBroken where a suite is no suite, or where the machinery fails as a whole; a red check is told
    by the result, not raised.
    """
    if not database.exists():
        raise GateBroken(f"gate {gate} {context.day}: there is no database {database}", next_step="make run")
    try:
        with opened(database, context.current_release) as engine:
            checks = tuple(_check_all(gate, suites_of, engine, out, context))
    except MartError:
        raise
    except Exception as error:  # whatever it is, nothing is known about the data
        told = " ".join(str(error).split())[:500]
        raise GateBroken(
            f"gate {gate} {context.day}: {type(error).__name__}: {told}",
            next_step=f"see the log of run {context.run_id}",
        ) from error
    result = GateResult(gate=gate, day=context.day, checks=checks)
    if gate == "landed":  # behind it a source can't be kept out any more
        result = result.going_on_without(context.may_be_stale)
    result.write(out / f"{gate}.json")
    write_index(out / "docs" / gate, result, context.run_id)
    return result


def _check_all(gate: str, suites_of: Callable, engine: Engine, out: Path, context: GateContext) -> list[CheckResult]:
    from expectations.base import Scope

    here, released, views = engine.tables()
    scope = Scope(
        context.day, context.kpi_start, tuple(context.streams_on), here, released, context.days, context.stale,
        views=views, same_models=context.same_models, acknowledged=context.acknowledged, catalog=engine.catalog,
    )  # fmt: skip
    suites = suites_of(scope)
    _refuse_hollow(gate, suites, here)
    checks = []
    for table, suite in suites.items():
        for check in suite:
            check.expectation.meta = {
                "check": check.name,
                "severity": check.severity,
                "owner": context.owners.get(check.source, context.owner),
                "why": check.why,
                "next_step": check.next_step,
            }
        told = engine.validate(table, [check.expectation for check in suite], context.run_id)
        results = {check_of(result): result for result in told.results}
        for check in suite:
            checks.append(_told(table, check, results[check.name], engine, out / "samples" / gate))
        write_page(out / "docs" / gate, table, told)
    return checks


def _refuse_hollow(gate: str, suites: Mapping, tables: Mapping) -> None:
    from great_expectations.expectations.expectation import Expectation

    problems = [] if suites else ["there is no suite"]
    for table, suite in suites.items():
        if table not in tables:
            problems.append(f"{table}: there is no such table")
        if not suite:
            problems.append(f"{table}: its suite is empty")
        problems += [
            f"{table} {check.name}: {type(check.expectation).__name__} is no expectation"
            for check in suite
            if not isinstance(check.expectation, Expectation)
        ]
        names = [check.name for check in suite]
        problems += [f"{table} {name}: stands twice" for name in sorted(set(names)) if names.count(name) > 1]
    if problems:
        told = "\n".join(f"  {problem}" for problem in problems)
        raise GateBroken(f"gate {gate} can't be trusted:\n{told}", next_step=f"mend expectations/{gate}.py")


def _told(table: str, check: Any, result: Any, engine: Engine, samples: Path) -> CheckResult:
    from expectations.base import SAMPLE_SIZE

    raised = raised_by(result)
    sample, first = None, ""
    if not raised and not result.success and check.failing:
        columns, rows = engine.failing(table, check.failing, SAMPLE_SIZE)
        sample = write_sample(samples, table, check.name, columns, rows)
        first = first_row(columns, rows)
    return CheckResult(
        table=table,
        name=check.name,
        severity=check.severity,
        ok=bool(result.success) and not raised,
        broken=bool(raised),
        observed=" ".join(raised[0].split())[:500] if raised else _observed(result) + first,
        expected=check.expected,
        failed_rows=None if raised else _failed_rows(result),
        sample_path=str(sample or ""),
        owner=check.expectation.meta["owner"],
        next_step=check.next_step,
        why=check.why,
        source=check.source,
    )


def _failed_rows(result: Any) -> int | None:
    if "unexpected_count" in result.result:
        return result.result["unexpected_count"]
    is_query = result.expectation_config.type == "expect_no_rows"
    return result.result["observed_value"] if is_query else None


def _observed(result: Any) -> str:
    failed = _failed_rows(result)
    if failed is None:
        return f"{result.result.get('observed_value', 0)} rows"  # of a table without rows GX tells no number
    of = f" of {result.result['element_count']}" if "element_count" in result.result else ""
    return f"{failed}{of} {'row' if failed == 1 and not of else 'rows'} otherwise"
