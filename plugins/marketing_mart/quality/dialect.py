"""DuckDB for Great Expectations: duckdb-engine, with the three things that GX needs otherwise.

- SqlAlchemyExecutionEngine.execute_query closes its connection before it fetches, so rows are buffered when a
  statement ends.
- It asks the inspector for columns, which duckdb-engine looks for in PostgreSQL's catalogs and doesn't find.
  (`schema` is "database.schema" here.)
- A comparison with the current release needs that file attached to every connection:
  `connect_args={"attach": {"released": path}}`.
"""

from typing import Any

import duckdb_engine
from sqlalchemy import types
from sqlalchemy.dialects import registry
from sqlalchemy.engine import Connection
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy
from sqlalchemy.engine.default import DefaultExecutionContext

SCHEME = "martduckdb"


class BufferedContext(DefaultExecutionContext):
    """Takes all rows when the statement ends, while its connection is still open."""

    def post_exec(self) -> None:
        if self.cursor.description:
            rows = self.cursor.fetchall()
            self.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(self.cursor, initial_buffer=rows)


class Dialect(duckdb_engine.Dialect):
    execution_ctx_cls = BufferedContext
    supports_statement_cache = False

    def connect(self, *arguments: Any, **options: Any) -> Any:
        attach = options.pop("attach", {})
        connection = super().connect(*arguments, **options)
        for name, path in attach.items():
            quoted = str(path).replace("'", "''")
            connection.execute(f"attach if not exists '{quoted}' as {name} (read_only)")
        return connection

    def get_columns(self, connection: Connection, table_name: str, schema: str | None = None, **_: Any) -> list[dict]:
        rows = connection.exec_driver_sql(
            "select column_name, is_nullable from duckdb_columns()"
            " where database_name || '.' || schema_name = $1 and table_name = $2 order by column_index",
            (schema, table_name),
        )
        return [
            {"name": name, "type": types.NullType(), "nullable": nullable, "default": None} for name, nullable in rows
        ]

    def get_pk_constraint(self, *_: Any, **__: Any) -> dict:
        return {"constrained_columns": [], "name": None}


registry.register(SCHEME, __name__, Dialect.__name__)
