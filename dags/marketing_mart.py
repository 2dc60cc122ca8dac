"""
### The daily marketing mart

    start -> extract (one task a source) -> check_landed -> build -> check_mart -> publish -> report

Each run extracts its day and the days that sources restate, lands them as Parquet, audits what landed, builds
a private candidate with dbt, audits that, and only then makes it the current release. Whatever fails, the
current release stays as it was and stays readable.

**At 3 a.m.** Read the alert: it names what, where, how many and the next command. Then:

| red task | what to do |
|---|---|
| extract | the vendor or its connection: mend it, clear that one task; the others need not run again. A source with \
`when_late: publish_stale` turns no task red: a warning tells that it is published as it was |
| check_landed, check_mart | the data is bad: see the rows the message names; correct the source, clear from extract |
| build | a model is broken: see the log it names; the landing is intact, clear from build |
| publish | another run took over, or the disk: clear from start |

A day is loaded again by clearing its run, a range by Airflow's backfill; `make rollback` serves the release before.
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import (
    Asset,
    Connection,
    CronDataIntervalTimetable,
    ExceptionRetryPolicy,
    RetryAction,
    RetryRule,
    dag,
    get_current_context,
    task,
)
from airflow.sdk.exceptions import AirflowNotFoundException, AirflowRescheduleException, AirflowSkipException

from marketing_mart import pipeline
from marketing_mart.tables import MART_TABLES

SETTINGS = pipeline.settings.load()
TABLES = [Asset(f"mart.{name}", uri=f"x-mart://current/{name}") for name in MART_TABLES]


def tell_failure(context) -> None:
    ti, source = context["ti"], context.get("source", "")
    if error := context.get("exception"):  # none where the process was killed
        pipeline.fail(ti.xcom_pull(task_ids="start"), f"{ti.task_id} {source}".strip(), error, ti.log_url)


def tell_run_failure(context) -> None:
    """Called by the DAG processor: where a task's process was killed, Airflow calls no callback of the task."""
    pipeline.fail_if_untold(context["ti"].xcom_pull(task_ids="start"))


def connection(source: str) -> pipeline.Access | None:
    try:
        found = Connection.get(f"mart_{source}")
    except AirflowNotFoundException:
        return None
    return pipeline.access_from(source, found.host, found.port, found.schema, found.login, found.password, found.extra)


@dag(
    dag_id="marketing_mart",
    schedule=CronDataIntervalTimetable("0 3 * * *", SETTINGS.config.reporting.timezone),
    start_date=datetime(1990, 1, 1),  # no run of an earlier day; how far back a backfill may reach
    catchup=False,  # the next run after an outage reads the days in between by itself
    max_active_runs=1,
    doc_md=__doc__,
    on_failure_callback=tell_run_failure,
    tags=["marketing-mart"],
    default_args={
        "owner": SETTINGS.config.alerts.owner,
        "retries": 1,
        "retry_delay": timedelta(seconds=15),
        "retry_policy": ExceptionRetryPolicy(
            rules=[RetryRule(exception=pipeline.WORTH_A_RETRY, action=RetryAction.RETRY)], default=RetryAction.FAIL
        ),
        "on_failure_callback": tell_failure,
    },
)
def marketing_mart():
    @task
    def start() -> str:
        run = get_current_context()["dag_run"]
        kind = "backfill" if run.run_type == "backfill" else "run"
        try:
            return pipeline.start(run.logical_date, run.conf or {}, kind)
        except pipeline.PlaceTaken:
            raise AirflowRescheduleException(datetime.now(UTC) + timedelta(seconds=30)) from None

    @task(map_index_template="{{ source }}")
    def extract(source: str, run: str) -> int:
        context = get_current_context()
        context["source"] = source
        is_last = context["ti"].try_number > context["ti"].max_tries
        return pipeline.extract(run, source, connection(source), connection("identity"), is_last_try=is_last)

    @task
    def check_landed(run: str, rows: list[int]) -> str:
        pipeline.check_landed(run)
        return run

    @task
    def build(run: str) -> str:
        if not pipeline.build(run):
            raise AirflowSkipException("nothing changed since the current release")
        return run

    @task
    def check_mart(run: str) -> str:
        pipeline.check_mart(run)
        return run

    @task(outlets=TABLES)
    def publish(run: str) -> str:
        return pipeline.publish(run)

    @task
    def report(release_id: str) -> str:
        return pipeline.report(release_id)

    run = start()
    rows = extract.partial(run=run).expand(source=list(SETTINGS.sources))
    report(publish(check_mart(build(check_landed(run, rows)))))


marketing_mart()
