"""dbt's compiled SQL of one configuration, and the marts that it makes of landed rows, each in a database in memory."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
from landed_world import LOADS, STREAMS
from oracle.reading import World

from bench import bare
from marketing_mart.config import Config, Source
from marketing_mart.mart_runs import RUNS
from marketing_mart.model_variables import variables
from marketing_mart.streams import COUNT

from . import Row, Rows

CATALOG = "mart"  # dbt writes the name of the database that it was compiled for into every relation
FIRST, LAST = date(2024, 2, 20), date(2024, 4, 5)  # with 29 February, and 31 March, when Berlin's clocks go forward
CURRENCY, ZONE = "USD", "Europe/Berlin"
SOURCES = ("files", "google_ads", "hubspot", "meta_ads", "shopify")
TOLD = variables(
    Config(sources={name: Source() for name in SOURCES}, reporting={"currency": CURRENCY, "timezone": ZONE}),
    mart_date=LAST,
    kpi_start=FIRST,
    landed=[stream.label for stream in STREAMS.values()],
)
# the relations of schema landed
LANDED = {name: stream.schema for name, stream in STREAMS.items()} | {"loads": LOADS, "runs": RUNS}
LANDED |= {f"{n}__versions": s.schema.append(pa.field("load", COUNT)) for n, s in STREAMS.items() if s.shows_versions}


class Mart:
    """What the models made; `told` asks it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, tests: list[bare.Node]) -> None:
        self._connection, self._tests = connection, tests

    def told(self, query: str) -> list[Row]:
        """The answer as dicts; tables of the mart by their own name, others by schema (`intermediate.int_persons`)."""
        answer = self._connection.execute(query)
        names = [column[0] for column in answer.description]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    def table(self, name: str) -> list[Row]:
        """All rows, in one order whatever way they came."""
        return self.told(f"from {name} order by all")

    def broken(self) -> list[str]:
        """The data tests that would stop a release, with how many rows each returns."""
        counts = {
            test["name"]: self._connection.execute(f"select count(*) from ({test['compiled_code']}\n)").fetchone()[0]
            for test in self._tests
            if test["config"]["severity"].lower() == "error"
        }
        assert len(counts) > 100, "dbt compiled no tests: this proves nothing"
        return [f"{name}: {rows} rows that should not be" for name, rows in counts.items() if rows]


@dataclass(frozen=True)
class Compiled:
    """The project's nodes in the order of their needs, and the rows of its seeds."""

    nodes: list[bare.Node] = field(repr=False)  # megabytes, which Hypothesis would show with a failing world
    seeds: dict[str, pa.Table] = field(repr=False)

    @contextmanager
    def mart(self, landed: Rows | Mapping[str, str]) -> Iterator[Mart]:
        """The mart of rows, or of selects, by `<source>__<stream>`; what is not given is empty. It is gone after."""
        with duckdb.connect(config={"threads": 1}) as connection:  # more threads wait for one another over ten rows
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(f"attach ':memory:' as {CATALOG}")
            connection.execute(f"use {CATALOG}")
            for schema in ("landed", "staging", "intermediate", "mart"):
                connection.execute(f"create schema {schema}")
            for name, schema in LANDED.items():
                given = landed.get(name, [])
                if not isinstance(given, str):
                    connection.register("given", pa.Table.from_pylist(given, schema=schema))
                    given = "from given"
                connection.execute(f"create table landed.{name} as {given}")
            for node in self.nodes:
                if node["resource_type"] == "seed":
                    connection.register("given", self.seeds[node["name"]])
                    connection.execute(f"create table {node['relation_name']} as from given")
                elif node["resource_type"] == "model":
                    bare.make_model(connection, node)
            connection.execute(f"use {CATALOG}.mart")
            yield Mart(connection, [node for node in self.nodes if node["resource_type"] == "test"])


def compiled(folder: Path) -> Compiled:
    """Runs dbt once, which takes as long as ten marts."""
    views = folder / "views.json"
    views.write_text("{}")
    bare.compile_models(str(views), str(folder / "dbt"), str(folder / "candidate"), TOLD)
    nodes = list(bare.in_order(json.loads((folder / "dbt" / "manifest.json").read_text())["nodes"]))
    seeds = {}
    with duckdb.connect() as connection:
        for node in nodes:
            if node["resource_type"] == "seed":
                bare.make_seed(connection, node | {"relation_name": node["name"]})
                seeds[node["name"]] = connection.table(node["name"]).to_arrow_table()
    return Compiled(nodes, seeds)


class _Known(World):
    """What was compiled holds every measure for known: where nothing landed it is 0."""

    def knows(self, subject: str) -> bool:
        return True


def as_read(rows: Rows) -> World:
    """The landed rows as the second reading of the tests (oracle) takes them."""
    return _Known({name.replace("__", "/", 1): rows.get(name, []) for name in STREAMS}, TOLD)
