"""Builds the candidate mart: a private DuckDB file, the landing seen through views, one dbt process."""

import ctypes
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from marketing_mart import parsed_models
from marketing_mart.errors import BuildError
from marketing_mart.settings import PROJECT

DBT_PROJECT = PROJECT / "dbt_project"
PUBLIC_SCHEMA = "mart"  # all that a reader gets: the others show the landing or hold the hashes that link persons
# The candidate's format, which only the build reads; a release keeps to DuckDB's default, that older readers know.
# Texts cost less in it: 2 million ads of 14 texts each are written in 3.1 s instead of 4.8 s.
_BUILT_IN = "v1.5.0"
# What differs from one build to the next by the same models and settings; macro `told_today` reads it.
OF_THE_DAY = ("mart_date", "kpi_start", "stale_sources", "measures_told_until")
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Node:
    """What dbt says of one model, seed or test."""

    name: str
    status: str  # success, pass, fail, error, skipped, warn
    seconds: float
    message: str

    @property
    def is_bad(self) -> bool:
        return self.status in ("error", "fail", "runtime error")


def create_candidate(
    folder: Path,
    views: Mapping[str, str],
    tables: Mapping[str, pa.Table] | None = None,
    **more: Mapping[str, str],
) -> Path:
    """A new database in `folder` whose schema `landed` shows the landing, and holds `tables`; returns its path.
    `more`: schema -> views.

    It starts empty, so a model whose definition changed cannot keep yesterday's rows.
    """
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / "mart.duckdb"
    database.unlink(missing_ok=True)
    Path(f"{database}.wal").unlink(missing_ok=True)
    with duckdb.connect(str(database), config={"storage_compatibility_version": _BUILT_IN}) as connection:
        for schema, of_schema in {"landed": views, **more}.items():
            connection.execute(f"create schema {schema}")
            for name, query in of_schema.items():
                connection.execute(f'create view {schema}."{name}" as {query}')
        for name, table in (tables or {}).items():
            connection.register("given", table)
            connection.execute(f'create table landed."{name}" as from given')
            connection.unregister("given")
    return database


def build(
    database: Path,
    variables: Mapping[str, object],
    *,
    log_folder: Path,
    models: Sequence[str] = (),
    parsed: Path | None = None,
) -> list[Node]:
    """Run `dbt build` on the candidate. Raises BuildError naming each node that failed and why. With `models` (dbt's
    selectors) it makes these alone, and no test is run. `parsed`: the folder that keeps what dbt parsed for the next
    build."""
    log_folder.mkdir(parents=True, exist_ok=True)
    target = database.parent.absolute() / "dbt"
    shutil.rmtree(target, ignore_errors=True)  # what an earlier try left would be told as this one's
    settings, environment = tell(variables)
    kept = parsed_models.place(parsed, models_fingerprint(), str(DBT_PROJECT), settings) if parsed else None
    if kept:
        parsed_models.lend(kept, target)
    command = [
        str(Path(sys.executable).with_name("dbt")), "--log-format", "text", "--no-use-colors",
        "--log-level-file", "none", "build",
        "--exclude-resource-type", "unit_test",
        "--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT),
        "--target-path", str(target), "--log-path", str(log_folder.absolute()), "--vars", settings,
    ]  # fmt: skip
    if models:
        command += ["--select", *models, "--exclude-resource-type", "test"]
    environment |= {
        "MART_CANDIDATE": database.name,  # seen from its folder: a connection to another path is one changed for dbt
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_VERSION_CHECK": "false",
        "PYTHONPATH": "",  # dbt's own process sees no plugin of ours
        "OPENBLAS_NUM_THREADS": "1",  # a fit of four numbers kept a second thread spinning for as long as it took
    }
    output = log_folder / "dbt-output.txt"
    with output.open("wb") as stream:
        done = subprocess.run(
            command, env=environment, cwd=database.parent, stdout=stream, stderr=subprocess.STDOUT,
            preexec_fn=_die_with_parent, check=False,
        )  # fmt: skip
    nodes = _nodes(target / "run_results.json")
    bad = [node for node in nodes if node.is_bad]
    if bad:
        told = "\n".join(f"  {node.name}: {' '.join(node.message.split())[:500]}" for node in bad[:10])
        raise BuildError(f"dbt: {len(bad)} of {len(nodes)} nodes failed\n{told}", next_step=f"read {output}")
    if done.returncode == -signal.SIGKILL:
        raise BuildError(
            f"dbt was killed while it built {database}, most likely by the system for want of memory",
            next_step=f"see dmesg, give the machine more memory or run less beside it, then clear build; {output} tells"
            " how far it came",
        )
    if done.returncode != 0 or not nodes:
        tail = " | ".join(output.read_text(errors="replace").strip().splitlines()[-5:])
        raise BuildError(f"dbt ended with {done.returncode} and {len(nodes)} nodes: {tail}", next_step=f"read {output}")
    (target / "semantic_manifest.json").replace(database.parent / "semantic_manifest.json")  # the metrics of this mart
    if kept:
        parsed_models.keep(kept, target)
    shutil.rmtree(target, ignore_errors=True)
    return nodes


def tell(variables: Mapping[str, object]) -> tuple[str, dict[str, str]]:
    """dbt's variables as its command line takes them, and an environment that tells what is of the day."""
    today = {name: value for name, value in variables.items() if name in OF_THE_DAY}
    settings = {name: value for name, value in variables.items() if name not in OF_THE_DAY}
    return json.dumps(settings), os.environ | {"MART_TODAY": json.dumps(today)}


def seal(database: Path) -> None:
    """Leave only schema `mart` in the file, and no room of what was dropped: DuckDB's files don't shrink, so the
    mart is copied into a new one that replaces it."""
    if not database.exists():  # attaching would make an empty one
        raise BuildError(f"the candidate {database} is gone", next_step="clear build, which makes it again")
    sealed = database.with_suffix(".sealed")
    sealed.unlink(missing_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"attach {_quoted(database)} as candidate")
        schemas = connection.execute(
            "select schema_name from duckdb_schemas() where database_name = 'candidate' and not internal"
        ).fetchall()
        for (schema,) in schemas:
            if schema not in (PUBLIC_SCHEMA, "main"):
                connection.execute(f'drop schema candidate."{schema}" cascade')
        connection.execute(f"attach {_quoted(sealed)} as sealed")
        connection.execute("use candidate.mart")  # the views name their tables without a schema
        connection.execute("copy from database candidate to sealed")
    sealed.replace(database)
    Path(f"{database}.wal").unlink(missing_ok=True)


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def models_fingerprint() -> str:
    """Hash of everything that decides what the models make of the same rows."""
    digest = hashlib.sha256()
    for path in sorted(DBT_PROJECT.rglob("*")):
        if path.is_file() and path.suffix in (".sql", ".yml", ".csv", ".py") and "target" not in path.parts:
            digest.update(str(path.relative_to(DBT_PROJECT)).encode() + b"\0" + path.read_bytes() + b"\0")
    digest.update(duckdb.__version__.encode())
    return digest.hexdigest()


def _nodes(results: Path) -> list[Node]:
    if not results.exists():
        return []
    rows = json.loads(results.read_text())["results"]
    return [
        Node(row["unique_id"], row["status"], round(row["execution_time"], 3), str(row.get("message") or ""))
        for row in rows
    ]


def _die_with_parent() -> None:
    """A killed task must not leave a dbt behind that writes on (Linux; prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
