"""
### Maintenance of the marketing mart

Once a week, between daily runs: superseded versions that are older than `retention.landing_days` go (the manifest
keeps their sums), old loads of entities become one file, logs and results of checks older than `retention.logs_days`
go. No row that counts is lost: a mart built anew is the same (docs/retention.md).

**At 3 a.m.** Nothing waits for it. It ends with an error while a daily run is under way: clear the task later, or run
`make retain`. To erase a person is a command, `make erase`, so that no schedule ever sees an address.
"""

from datetime import datetime, timedelta

from airflow.sdk import CronTriggerTimetable, dag, task

from marketing_mart import pipeline, retention

SETTINGS = pipeline.settings.load()


def tell_failure(context) -> None:
    if error := context.get("exception"):
        pipeline.fail(None, context["ti"].task_id, error)


@dag(
    dag_id="marketing_maintenance",
    schedule=CronTriggerTimetable("0 14 * * 0", timezone=SETTINGS.config.reporting.timezone),
    start_date=datetime(1990, 1, 1),
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
    tags=["marketing-mart"],
    default_args={
        "owner": SETTINGS.config.alerts.owner,
        "retries": 2,
        "retry_delay": timedelta(hours=1),
        "on_failure_callback": tell_failure,
    },
)
def marketing_maintenance():
    @task
    def retain() -> None:
        retention.retain(SETTINGS)

    retain()


marketing_maintenance()
