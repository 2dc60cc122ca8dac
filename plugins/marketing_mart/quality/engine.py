"""Great Expectations on one DuckDB file: open it, see what is in it, validate one table's suite.

Tables are named with their database in front: a file called mart.duckdb is the database `mart`, and DuckDB refuses
`mart.<table>` as ambiguous between that and the schema `mart`.
"""

import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from marketing_mart.errors import GateBroken

COLUMNS = "information_schema.columns"  # what a check of names alone is about
RELEASED = "released"  # the current release's database, where there is one
# Gates read what is large in order and keep little of it; what is more goes to disk. With Great Expectations and the
# rows of one read a gate stays below 1 GiB, on whatever machine.
MEMORY, MOST_THREADS = "350MB", 4
RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 5}
Tables = Mapping[str, Mapping[str, str]]  # "schema.table" -> column -> type


@dataclass(frozen=True)
class Engine:
    """A database that is open read-only, and Great Expectations' source on it."""

    catalog: str
    source: Any
    sql: Any

    def tables(self) -> tuple[Tables, Tables, frozenset[str]]:
        """Tables and views of this database, and of the current release; and which of the first are views."""
        here: dict[str, dict[str, str]] = {}
        released: dict[str, dict[str, str]] = {}
        query = (
            "select database_name, schema_name || '.' || table_name, column_name, data_type"
            " from duckdb_columns() where not internal"
        )
        _, rows = self.rows(query + f" or schema_name || '.' || table_name = '{COLUMNS}'")
        for database, table, column, kind in rows:
            found = released if database == RELEASED else here
            found.setdefault(table, {})[column] = kind
        _, views = self.rows(
            "select schema_name || '.' || view_name from duckdb_views()"
            f" where not internal and database_name <> '{RELEASED}'"
        )
        return here, released, frozenset(view for (view,) in views)

    def rows(self, query: str) -> tuple[list[str], list]:
        """Names and rows of a query; `{batch}` tables must be named in full."""
        with self.sql.connect() as connection:
            result = connection.exec_driver_sql(query)
            return list(result.keys()), result.fetchall()

    def failing(self, table: str, query: str, most: int) -> tuple[list[str], list]:
        """The first rows that a check's `failing` query finds in its table."""
        batch = table if table == COLUMNS else f"{self.catalog}.{table}"
        return self.rows(f"select * from ({query.format(batch=batch)}) limit {most}")

    def validate(self, table: str, expectations: Sequence[Any], run_id: str) -> Any:
        """GX's result of the expectations on one table, each told by its meta's `check`.

        GX computes many of them in one query; where that raises it computes each alone (GX 1.24), so only what
        raises by itself comes back with an exception.
        """
        from great_expectations import ExpectationSuite

        schema, name = table.split(".")
        catalog = "system" if table == COLUMNS else self.catalog
        with warnings.catch_warnings():  # a generic SQL source can't name the schema elsewhere
            warnings.filterwarnings("ignore", "`schema_name` is deprecated", DeprecationWarning)
            asset = self.source.add_table_asset(table, table_name=name, schema_name=f"{catalog}.{schema}")
        batch = asset.add_batch_definition_whole_table("all").get_batch()
        told = batch.validate(ExpectationSuite(name=table, expectations=expectations), result_format=RESULT_FORMAT)
        wanted = {expectation.meta["check"] for expectation in expectations}
        if missing := wanted - {check_of(result) for result in told.results}:
            raise GateBroken(
                f"{table}: no result for {', '.join(sorted(missing))}", next_step="mend the suite in expectations/"
            )
        told.meta["run_id"] = {"run_name": run_id, "run_time": datetime.now(UTC).isoformat()}
        return told


@contextmanager
def opened(database: Path, released: Path | None) -> Iterator[Engine]:
    """The database, read-only, and the current release's beside it; every handle is let go at the end."""
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
    source = gx.data_sources.add_sql(
        "mart",
        connection_string=sqlalchemy.URL.create(SCHEME, database=str(database)).render_as_string(),
        kwargs={
            "connect_args": {
                "read_only": True,
                "config": {"memory_limit": MEMORY, "threads": min(MOST_THREADS, os.cpu_count() or 1)},
                "attach": {RELEASED: str(released)} if released else {},
            }
        },
    )
    sql = source.get_execution_engine().engine
    try:
        yield Engine(database.stem, source, sql)
    finally:
        sql.dispose()
        source.get_engine().dispose()


def check_of(result: Any) -> str:
    """The check that a result belongs to."""
    return result.expectation_config.meta["check"]


def raised_by(result: Any) -> list[str]:
    """Messages of what a check raised. GX tells of one exception flat, of several by metric."""
    told = result.exception_info or {}
    each = [told] if "raised_exception" in told else told.values()
    return list(dict.fromkeys(one["exception_message"] for one in each if one.get("raised_exception")))
