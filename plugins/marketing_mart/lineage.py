"""OpenLineage events of each stage, where a backend is configured (openlineage.io/docs/spec/object-model).

A stage is a job; its run begins with START and ends with COMPLETE or FAIL, and names what it read and wrote:

    extract       <source>: <stream>        -> landed.<source>__<stream>    rows
    check_landed  landed.*, each with what its checks said
    build         landed.*                  -> candidate.<table>            rows
    check_mart    candidate.*, each with what its checks said
    publish       candidate.*               -> mart.<table>                 rows, the release as their version

A backend that is down fails no run: it is warned of, and left alone for a while, so that a run waits for it once.
"""

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from marketing_mart.errors import MartError
from marketing_mart.landing import Landing
from marketing_mart.redaction import keep_secret, redact
from marketing_mart.registry import Registry, Run
from marketing_mart.release import DATABASE, attached, current
from marketing_mart.settings import Settings
from marketing_mart.tables import MART_TABLES

JOB = "marketing_mart"
PRODUCER = "urn:marketing-mart"
TIMEOUT_SECONDS = 3.0
LEFT_ALONE_SECONDS = 600
UNREACHABLE = "lineage-unreachable"  # in MART_HOME: when the backend last failed, for all processes of a run
log = logging.getLogger("marketing_mart")


@contextmanager
def stage(config: Settings, registry: Registry, run_id: str, name: str) -> Iterator[dict[str, Any]]:
    """The registry's record of a stage, told to the backend too where there is one."""
    if not config.lineage_url:
        with registry.stage(run_id, name) as detail:
            yield detail
        return
    try:
        with registry.stage(run_id, name) as detail:
            _tell(config, registry, run_id, name, "START")
            yield detail
    except BaseException as error:
        _tell(config, registry, run_id, name, "FAIL", error)
        raise
    if "stale" in detail:  # the run goes on without this source
        _tell(config, registry, run_id, name, "FAIL", MartError(detail["stale"]))
    else:
        _tell(config, registry, run_id, name, "COMPLETE")


def _tell(
    config: Settings, registry: Registry, run_id: str, name: str, state: str, error: BaseException | None = None
) -> None:
    """Send one event, or warn that it could not be sent: whatever goes wrong here is no matter of the run's."""
    mark = config.home / UNREACHABLE
    try:
        if mark.exists() and time.time() - mark.stat().st_mtime < LEFT_ALONE_SECONDS:
            return
        _send(config, _event(config, registry, run_id, name, state, error))
        mark.unlink(missing_ok=True)
    except Exception as problem:
        mark.touch()
        told = redact(f"{type(problem).__name__}: {problem}")[:300]
        log.warning("lineage: %s of %s was not told, nor is what follows: %s", state, name, told)


def _send(config: Settings, event: Any) -> None:
    from openlineage.client.transport.http import HttpConfig, HttpTransport

    told: dict[str, Any] = {"url": config.lineage_url, "timeout": TIMEOUT_SECONDS, "retry": {"total": 0}}
    if config.lineage_api_key:
        keep_secret(config.lineage_api_key)
        told["auth"] = {"type": "api_key", "apiKey": config.lineage_api_key}
    transport = HttpTransport(HttpConfig.from_dict(told))
    try:
        transport.emit(event).raise_for_status()
    finally:
        transport.close()


def _event(
    config: Settings, registry: Registry, run_id: str, name: str, state: str, error: BaseException | None
) -> Any:
    from openlineage.client.event_v2 import Job, Run, RunEvent, RunState
    from openlineage.client.facet_v2 import error_message_run, job_type_job, parent_run

    run, namespace = registry.run(run_id), config.lineage_namespace
    inputs, outputs = _datasets(config, registry, run, name, is_done=state == "COMPLETE")
    parent = parent_run.ParentRunFacet(parent_run.Run(run_uuid(run)), parent_run.Job(namespace, JOB))
    facets: dict[str, Any] = {"parent": parent}
    if error is not None:
        message = redact(str(error)) if isinstance(error, MartError) else type(error).__name__
        facets["errorMessage"] = error_message_run.ErrorMessageRunFacet(message, "python")
    kind = job_type_job.JobTypeJobFacet("BATCH", "MARKETING_MART", "TASK")
    return RunEvent(
        eventType=RunState[state],
        eventTime=datetime.now(UTC).isoformat(),
        run=Run(stage_uuid(registry, run_id, name), facets),
        job=Job(namespace, f"{JOB}.{name.replace(' ', '.')}", {"jobType": kind}),
        producer=PRODUCER,
        inputs=inputs,
        outputs=outputs,
    )


def run_uuid(run: Run) -> str:
    """Of the run as a whole: what stages name as their parent."""
    from openlineage.client.uuid import generate_static_uuid

    return str(generate_static_uuid(run.started_at, run.run_id.encode()))


def stage_uuid(registry: Registry, run_id: str, name: str) -> str:
    """The same for all events of one attempt at a stage, whichever process sends them."""
    from openlineage.client.uuid import generate_static_uuid

    attempt = [stage for stage in registry.stages(run_id) if stage.stage == name][-1]
    return str(generate_static_uuid(attempt.started_at, f"{run_id}/{name}/{attempt.attempt}".encode()))


def _datasets(config: Settings, registry: Registry, run: Run, name: str, *, is_done: bool) -> tuple[list, list]:
    """What a stage reads and writes; rows and checks are known once it is done."""
    namespace = config.lineage_namespace
    of_candidate = {f"candidate.{table}": None for table in MART_TABLES}
    if name.startswith("extract "):
        loads = [load for load in registry.loads(run.run_id) if name == f"extract {load.source}"]
        written = {f"landed.{load.source}__{load.stream}": load.rows for load in loads}
        return [_input(load.source, load.stream) for load in loads], _outputs(namespace, written)
    if name == "check_landed":
        told = _assertions(registry, run.run_id, "landed")
        read = {f"landed.{load.source}__{load.stream}" for load in registry.loads(run.run_id)}
        return [_input(namespace, table, told.get(table)) for table in sorted(read | told.keys())], []
    if name == "build":
        landed = {f"landed.{load.source}__{load.stream}" for load in Landing(config.home).loads() if load.counts}
        database = config.home / "candidates" / run.run_id / DATABASE
        written = _rows(database) if is_done and database.exists() else {}
        return [_input(namespace, table) for table in sorted(landed)], _outputs(namespace, written)
    if name == "check_mart":
        told = {
            name.replace("mart.", "candidate.", 1): of for name, of in _assertions(registry, run.run_id, "mart").items()
        }
        return [_input(namespace, table, told.get(table)) for table in sorted(of_candidate.keys() | told.keys())], []
    if name == "publish":
        release = current(config.home)
        is_ours = is_done and release is not None and release.run_id == run.run_id
        written = {f"mart.{table}": rows for table, rows in release.tables.items()} if is_ours else {}
        return [_input(namespace, table) for table in of_candidate], _outputs(namespace, written, run.run_id)
    return [], []


def _rows(database: Any) -> dict[str, int | None]:
    with attached(database) as connection:
        kinds = connection.execute(
            "select table_name, table_type from information_schema.tables where table_schema = 'mart' order by 1"
        ).fetchall()
        return {
            f"candidate.{table}": None if kind == "VIEW" else connection.table(table).count("*").fetchone()[0]
            for table, kind in kinds
        }


def _assertions(registry: Registry, run_id: str, gate: str) -> dict[str, list[Any]]:
    from openlineage.client.facet_v2 import data_quality_assertions_dataset as quality

    found: dict[str, list[Any]] = {}
    for check in registry.checks(run_id, gate):
        severity = "error" if check["severity"] == "error" else "warn"
        found.setdefault(check["table"], []).append(
            quality.Assertion(
                assertion=check["name"], success=check["ok"], severity=severity, expected=check["expected"]
            )
        )
    return found


def _input(namespace: str, name: str, assertions: list[Any] | None = None) -> Any:
    from openlineage.client.event_v2 import InputDataset
    from openlineage.client.facet_v2 import data_quality_assertions_dataset as quality

    facets = {"dataQualityAssertions": quality.DataQualityAssertionsDatasetFacet(assertions)} if assertions else {}
    return InputDataset(namespace, name, facets)


def _outputs(namespace: str, rows: Mapping[str, int | None], version: str = "") -> list[Any]:
    """`rows` None: a view, which has no rows of its own."""
    from openlineage.client.event_v2 import OutputDataset
    from openlineage.client.facet_v2 import dataset_version_dataset, output_statistics_output_dataset

    statistics = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet
    facets = {"version": dataset_version_dataset.DatasetVersionDatasetFacet(version)} if version else {}
    return [
        OutputDataset(
            namespace,
            name,
            {} if count is None else {"outputStatistics": statistics(rowCount=count)},
            facets=facets,
        )
        for name, count in rows.items()
    ]
