"""A candidate database whose schema `landed` is built from plain Python rows, and a dbt run over it.

    world = LandedWorld(tmp_path)
    world.land("files", "orders", [{"order_id": "1", "ordered_at": "2025-06-01 10:00+00", …}])
    world.build(mart_date="2025-06-03", kpi_start="2025-06-01")
    world.rows("select * from mart.fct_orders")

Columns that a row leaves out are null; days, instants and amounts can be written as texts. An instant needs its
offset. Streams that were not landed are typed empty views, as in a real candidate.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from marketing_mart import parsed_models, warehouse
from marketing_mart.connectors import files, google_ads, hubspot, meta_ads, shopify
from marketing_mart.mart_runs import RUNS
from marketing_mart.streams import COUNT, DAY, FLAG, INSTANT, TEXT

PROJECT = Path(__file__).parents[1] / "dbt_project"
STREAMS = {f"{s.source}__{s.name}": s for m in (google_ads, meta_ads, hubspot, shopify, files) for s in m.STREAMS}
LOADS = pa.schema(
    [
        ("source", TEXT),
        ("stream", TEXT),
        ("kind", TEXT),
        ("day", DAY),
        ("version", COUNT),
        ("rows", COUNT),
        ("stated_rows", COUNT),
        ("totals", TEXT),
        ("first_day", DAY),
        ("last_day", DAY),
        ("kpi_start", DAY),
        ("loaded_at", INSTANT),
        ("counts", FLAG),
        ("is_current", FLAG),
        ("expected_lag_hours", COUNT),
        ("sequence", COUNT),
    ]
)
Row = Mapping[str, Any]


class LandedWorld:
    """One candidate file under `folder`; land first, then build, then ask."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "mart.duckdb"
        self._rows: dict[str, list[Row]] = {}
        self._versions: dict[str, list[Row]] = {}
        self._loads: list[Row] = []

    def land(self, source: str, stream: str, rows: Iterable[Row]) -> None:
        """Adds rows of one stream; an unknown column is an error."""
        name = f"{source}__{stream}"
        known = set(STREAMS[name].schema.names)
        for row in rows:
            unknown = set(row) - known
            if unknown:
                raise KeyError(f"{name} has no column {sorted(unknown)}")
            self._rows.setdefault(name, []).append(row)

    def land_version(self, source: str, stream: str, load: int, rows: Iterable[Row]) -> None:
        """Adds what a load brought to the stream's versions; the rows that count now are landed beside it."""
        self._versions.setdefault(f"{source}__{stream}", []).extend(row | {"load": load} for row in rows)

    def record_load(self, **load: Any) -> None:
        """Adds a row of landed.loads: an accepted one, with the next number."""
        self._loads.append({"sequence": len(self._loads) + 1, "counts": True} | load)

    @property
    def last_load(self) -> int:
        """The number of the load recorded last."""
        return self._loads[-1]["sequence"]

    def create(self) -> None:
        """Writes the candidate with the landed rows and nothing else."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.path.unlink(missing_ok=True)
        with self._connect() as connection:
            connection.execute("create schema candidate.landed")
            for name, stream in STREAMS.items():
                _create(connection, name, stream.schema, self._rows.get(name, []))
                if stream.shows_versions:
                    versions = stream.schema.append(pa.field("load", COUNT))
                    _create(connection, f"{name}__versions", versions, self._versions.get(name, []))
            _create(connection, "loads", LOADS, self._loads)
            _create(connection, "runs", RUNS, [])

    def build(self, *arguments: str, command: str = "build", **variables: Any) -> str:
        """Creates the candidate and runs dbt over it; returns dbt's output, raises AssertionError when it fails."""
        if not self.path.exists():
            self.create()
        done = self.dbt(command, *arguments, **variables)
        assert done.returncode == 0, done.stdout[-6000:]
        return done.stdout

    def dbt(self, command: str, *arguments: str, **variables: Any) -> subprocess.CompletedProcess[str]:
        """One dbt command over the candidate, whatever its result; artefacts stay in `folder`. The file of dbt's debug
        log is left out: nobody reads it, and it takes a twentieth of a build."""
        words = [str(Path(sys.executable).with_name("dbt")), "--no-use-colors", "--log-level-file", "none", command]
        words += ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
        words += ["--target-path", str(self.folder / "target"), "--log-path", str(self.folder / "logs")]
        settings, environment = warehouse.tell(variables)
        words += ["--vars", settings, *arguments]
        environment |= {"MART_CANDIDATE": self.path.name, "DO_NOT_TRACK": "1"}
        parsed = Path(os.environ.get("PARSED_BY_DBT") or self.folder / "parsed")  # conftest.py sets it
        kept = parsed_models.place(parsed, warehouse.models_fingerprint(), str(PROJECT), settings)
        parsed_models.lend(kept, self.folder / "target")
        done = subprocess.run(words, env=environment, cwd=self.folder, capture_output=True, text=True, check=False)
        parsed_models.keep(kept, self.folder / "target")
        return done

    def rows(self, query: str) -> list[dict[str, Any]]:
        """The answer as dicts; schemas by their own name (`mart.fct_orders`)."""
        with self._connect() as connection:
            connection.execute("use candidate")
            answer = connection.execute(query)
            names = [column[0] for column in answer.description]
            return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    def _connect(self) -> duckdb.DuckDBPyConnection:
        # Attached under another name: a file mart.duckdb that is opened directly has a catalog of the same name as
        # its schema, and `mart.fct_orders` is ambiguous.
        connection = duckdb.connect()
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach '{self.path}' as candidate")
        return connection


def _create(connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, rows: list[Row]) -> None:
    table = pa.Table.from_pylist([typed(row, schema) for row in rows], schema=schema)
    connection.register("rows", table)
    if rows:
        connection.execute(f"create table candidate.landed.{name} as select * from rows")
        return
    kinds = connection.execute("describe rows").fetchall()
    columns = ", ".join(f'cast(null as {kind}) as "{column}"' for column, kind, *_ in kinds)
    connection.execute(f"create view candidate.landed.{name} as select {columns} where false")


def typed(row: Row, fields: Iterable[pa.Field]) -> dict[str, Any]:
    """A row with every column, null where it leaves one out; see the top of the file for what texts become."""
    return {field.name: _value(row.get(field.name), field.type) for field in fields}


def _value(value: Any, kind: pa.DataType) -> Any:
    """`value` as Arrow wants it: texts become days, instants and decimals where the column is one."""
    if value is None:
        return None
    if pa.types.is_list(kind):
        return [_value(item, kind.value_type) for item in value]
    if pa.types.is_struct(kind):
        return typed(value, kind)
    if pa.types.is_decimal(kind):
        return Decimal(str(value))
    if pa.types.is_date(kind) and isinstance(value, str):
        return date.fromisoformat(value)
    if pa.types.is_timestamp(kind) and isinstance(value, str):
        return datetime.fromisoformat(value)
    return value
