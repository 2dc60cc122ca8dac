"""The project's compiled SQL run bare in one DuckDB connection: the floor that dbt is compared with."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import yaml

from bench.build import candidate

Node = dict[str, Any]


def compile_models(views: str, compiled: str, folder: str, variables: dict[str, Any]) -> None:
    """Leave dbt's manifest, with the compiled SQL of every node, in the folder `compiled`."""
    from marketing_mart.warehouse import DBT_PROJECT

    database = str(candidate(views, folder))
    command = [
        sys.executable, "-m", "dbt.cli.main", "--quiet", "compile", "--project-dir", str(DBT_PROJECT),
        "--profiles-dir", str(DBT_PROJECT), "--target-path", compiled, "--log-path", compiled,
        "--vars", json.dumps(variables),
    ]  # fmt: skip
    environment = os.environ | {"MART_CANDIDATE": database, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "PYTHONPATH": ""}
    subprocess.run(command, env=environment, check=True, stdout=sys.stderr)


def run(views: str, compiled: str, folder: str) -> dict[str, float]:
    """Seconds of the seeds and models, and of the data tests."""
    nodes = json.loads(Path(compiled, "manifest.json").read_text())["nodes"]
    database = candidate(views, folder)
    spent = {"models_seconds": 0.0, "tests_seconds": 0.0}
    with duckdb.connect(database) as connection:
        for name, value in _settings().items():
            connection.execute(f"set {name} = '{value}'")
        for schema in sorted({node["schema"] for node in nodes.values() if node["resource_type"] != "test"}):
            connection.execute(f"create schema if not exists {schema}")
        for node in in_order(nodes):
            began = time.perf_counter()
            _BY_TYPE[node["resource_type"]](connection, node)
            which = "tests_seconds" if node["resource_type"] == "test" else "models_seconds"
            spent[which] += time.perf_counter() - began
    return {name: round(seconds, 1) for name, seconds in spent.items()}


def _settings() -> dict[str, str]:
    """DuckDB's settings as dbt's profile has them."""
    from marketing_mart.warehouse import DBT_PROJECT

    profile = yaml.safe_load((DBT_PROJECT / "profiles.yml").read_text())
    return profile["marketing_mart"]["outputs"]["duckdb"]["settings"]


def in_order(nodes: dict[str, Node]) -> Iterator[Node]:
    """Seeds, models and data tests; what a node needs comes before it."""
    run = {name: node for name, node in nodes.items() if node["resource_type"] in _BY_TYPE}
    needs = {
        name: [other for other in node["depends_on"].get("nodes", []) if other in run] for name, node in run.items()
    }
    return (nodes[name] for name in TopologicalSorter(needs).static_order())


def make_seed(connection: duckdb.DuckDBPyConnection, node: Node) -> None:
    from marketing_mart.warehouse import DBT_PROJECT

    types = node["config"]["column_types"]
    _create(connection, node, connection.read_csv(str(DBT_PROJECT / node["original_file_path"]), dtype=types))


def make_model(connection: duckdb.DuckDBPyConnection, node: Node) -> None:
    """Run one model's compiled SQL, or its Python, as dbt would materialise it."""
    if node["language"] == "python":
        module = ModuleType(node["name"])
        exec(node["compiled_code"], module.__dict__)
        made = module.model(module.dbtObj(lambda name: connection.query(f"select * from {name}")), connection)
        _create(connection, node, made)
        return
    kind = "view" if node["config"]["materialized"] == "view" else "table"
    connection.execute(f"create {kind} {node['relation_name']} as {node['compiled_code']}")


def _create(connection: duckdb.DuckDBPyConnection, node: Node, rows: Any) -> None:
    connection.register("rows_of_node", rows)
    connection.execute(f"create table {node['relation_name']} as select * from rows_of_node")
    connection.unregister("rows_of_node")


def _test(connection: duckdb.DuckDBPyConnection, node: Node) -> None:
    found = connection.execute(f"select count(*) from ({node['compiled_code']}\n)").fetchone()[0]
    if found:
        raise AssertionError(f"{node['name']}: {found} rows that should not be")


_BY_TYPE = {"seed": make_seed, "model": make_model, "test": _test}
