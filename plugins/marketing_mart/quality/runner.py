"""Runs suites on a DuckDB file, pushed down: Great Expectations writes SQL, DuckDB reads the rows.

Tables are named with their database in front: a file called mart.duckdb is the database `mart`, and DuckDB refuses
`mart.<table>` as ambiguous between that and the schema `mart`.

Nothing here is green by absence: a suite without checks, for a table that isn't there, or with something in it
that is no expectation is refused, and every check must come back with a result of its own.
"""

import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from marketing_mart.errors import GateBroken, MartError
from marketing_mart.quality.docs import build_docs
from marketing_mart.quality.results import CheckResult, GateContext, GateResult
from marketing_mart.quality.samples import first_row, write_sample

RELEASED = "released"  # the current release's database, where there is one
RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 5}


def run_gate(gate: str, suites_of: Callable, database: Path, out: Path, context: GateContext) -> GateResult:
    """Check `database` (opened read-only) against `suites_of(scope)`; leave <gate>.json, samples and docs in `out`.

    Raises GateBroken where a suite is no suite, or where the machinery fails as a whole; a red check is told
    by the result, not raised.
    """
    try:
        return _run(gate, suites_of, database, out, context)
    except MartError:
        raise
    except Exception as error:  # whatever it is, nothing is known about the data
        told = " ".join(str(error).split())[:500]
        raise GateBroken(
            f"gate {gate} {context.day}: {type(error).__name__}: {told}",
            next_step=f"see the log of run {context.run_id}",
        ) from error


def _run(gate: str, suites_of: Callable, database: Path, out: Path, context: GateContext) -> GateResult:
    if not database.exists():
        raise GateBroken(f"gate {gate} {context.day}: there is no database {database}", next_step="make run")
    out.mkdir(parents=True, exist_ok=True)
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read when Great Expectations is imported
    with _connected(database, context) as (gx, source, engine):
        from expectations.base import Scope

        tables = _tables(engine)
        scope = Scope(
            day=context.day,
            kpi_start=context.kpi_start,
            streams=tuple(context.streams_on),
            tables=tables["here"],
            released=tables.get(RELEASED, {}),
        )
        suites = suites_of(scope)
        _refuse_hollow(gate, suites, scope.tables)
        checks = []
        for table, suite in suites.items():
            results = _validate(gx, source, database.stem, table, suite, context)
            checks += [_told(gate, table, check, results[check.name], engine, out, context) for check in suite]
        build_docs(gx, out / "docs" / gate)
    result = GateResult(gate=gate, day=context.day, checks=tuple(checks))
    result.write(out / f"{gate}.json")
    return result


@contextmanager
def _connected(database: Path, context: GateContext) -> Iterator[tuple]:
    """An ephemeral context, its source and engine; every handle on the file is closed at the end."""
    import great_expectations
    import sqlalchemy
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    from marketing_mart.quality.dialect import SCHEME

    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        progress_bars=ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )
    gx = great_expectations.get_context(mode="ephemeral", project_config=config)
    attach = {RELEASED: str(context.current_release)} if context.current_release else {}
    url = sqlalchemy.URL.create(SCHEME, database=str(database)).render_as_string()
    source = gx.data_sources.add_sql(
        "mart", connection_string=url, kwargs={"connect_args": {"read_only": True, "attach": attach}}
    )
    engine = source.get_execution_engine().engine
    try:
        yield gx, source, engine
    finally:
        engine.dispose()
        source.get_engine().dispose()


def _tables(engine: Any) -> dict[str, dict[str, dict[str, str]]]:
    """Tables and views here and in the current release: "schema.table" -> column -> type."""
    query = (
        "select case when database_name = current_database() then 'here' else database_name end,"
        " schema_name || '.' || table_name, column_name, data_type from duckdb_columns() where not internal"
    )
    found: dict[str, dict[str, dict[str, str]]] = {"here": {}}
    with engine.connect() as connection:
        for database, table, column, kind in connection.exec_driver_sql(query):
            found.setdefault(database, {}).setdefault(table, {})[column] = kind
    return found


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


def _validate(gx: Any, source: Any, catalog: str, table: str, suite: Any, context: GateContext) -> dict[str, Any]:
    """Results by check name. A metric that raises takes every check computed with it along, so those that
    come back with an exception are run once more, each alone: what raises then is what is broken."""
    from great_expectations import ExpectationSuite

    schema, name = table.split(".")
    with warnings.catch_warnings():  # a generic SQL source can't name the schema elsewhere
        warnings.filterwarnings("ignore", "`schema_name` is deprecated", DeprecationWarning)
        asset = source.add_table_asset(table, table_name=name, schema_name=f"{catalog}.{schema}")
    batch = asset.add_batch_definition_whole_table("all").get_batch()
    for check in suite:
        check.expectation.meta = {
            "check": check.name,
            "severity": check.severity,
            "owner": context.owner,
            "why": check.why,
            "next_step": check.next_step,
        }
    expectations = ExpectationSuite(name=table, expectations=[check.expectation for check in suite])
    told = batch.validate(expectations, result_format=RESULT_FORMAT)
    by_check = {check.name: check.expectation for check in suite}
    told.results = [
        batch.validate(by_check[name], result_format=RESULT_FORMAT) if _exceptions(result) else result
        for result in told.results
        if (name := result.expectation_config.meta["check"])
    ]
    told.success = all(result.success for result in told.results)
    _remember(gx, batch, told, context)
    results = {result.expectation_config.meta["check"]: result for result in told.results}
    if missing := by_check.keys() - results.keys():
        raise GateBroken(
            f"{table}: no result for {', '.join(sorted(missing))}", next_step="mend the suite in expectations/"
        )
    return results


def _remember(gx: Any, batch: Any, told: Any, context: GateContext) -> None:
    """Put the results where the data docs look for them."""
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    good = sum(result.success for result in told.results)
    told.statistics = {
        "evaluated_expectations": len(told.results),
        "successful_expectations": good,
        "unsuccessful_expectations": len(told.results) - good,
        "success_percent": 100 * good / len(told.results),
    }
    run = RunIdentifier(run_name=context.run_id, run_time=datetime.now(UTC))
    suite = ExpectationSuiteIdentifier(name=told.suite_name)
    key = ValidationResultIdentifier(batch_identifier=batch.id, expectation_suite_identifier=suite, run_id=run)
    gx.validation_results_store.store_validation_results(told, key, suite)


def _exceptions(result: Any) -> list[str]:
    """Messages of what a check raised. GX tells of one exception flat, of several by metric."""
    told = result.exception_info or {}
    each = [told] if "raised_exception" in told else told.values()
    return list(dict.fromkeys(one["exception_message"] for one in each if one.get("raised_exception")))


def _told(gate: str, table: str, check: Any, result: Any, engine: Any, out: Path, context: GateContext) -> CheckResult:
    raised = _exceptions(result)
    sample, first = None, ""
    if not raised and not result.success and check.failing:
        columns, rows = _failing(engine, table, check.failing)
        sample = write_sample(out / "samples" / gate, table, check.name, columns, rows)
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
        owner=context.owner,
        next_step=check.next_step,
        why=check.why,
    )


def _failed_rows(result: Any) -> int | None:
    if "unexpected_count" in result.result:
        return result.result["unexpected_count"]
    is_query = result.expectation_config.type == "unexpected_rows_expectation"
    return result.result["observed_value"] if is_query else None


def _observed(result: Any) -> str:
    failed = _failed_rows(result)
    if failed is None:
        return f"{result.result['observed_value']} rows"
    of = f" of {result.result['element_count']}" if "element_count" in result.result else ""
    return f"{failed}{of} rows otherwise"


def _failing(engine: Any, table: str, query: str) -> tuple[list[str], list]:
    from expectations.base import SAMPLE_SIZE

    with engine.connect() as connection:
        found = f"{connection.exec_driver_sql('select current_database()').scalar()}.{table}"
        rows = connection.exec_driver_sql(f"select * from ({query.format(batch=found)}) limit {SAMPLE_SIZE}")
        return list(rows.keys()), rows.fetchall()
