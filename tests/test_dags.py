"""The DAG as Airflow sees it: it parses, it tells its story, it does nothing at import."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

LOOK = """
import json, logging
logging.disable(logging.CRITICAL)
from airflow.dag_processing.dagbag import DagBag
bag = DagBag({folder!r})
told = {{"errors": bag.import_errors, "dags": {{}}}}
for name, dag in bag.dags.items():
    told["dags"][name] = {{
        "tasks": {{t.task_id: sorted(t.downstream_task_ids) for t in dag.tasks}},
        "owners": sorted({{t.owner for t in dag.tasks}}), "tags": sorted(dag.tags), "doc": dag.doc_md,
        "max_active_runs": dag.max_active_runs, "catchup": dag.catchup,
        "callbacks": all(t.on_failure_callback for t in dag.tasks),
        "outlets": sorted(o.name for t in dag.tasks for o in t.outlets),
    }}
from types import SimpleNamespace
from airflow.sdk.exceptions import AirflowRescheduleException
begin = bag.dags["marketing_mart"].get_task("start").python_callable
asked = []
def busy(logical_date, conf, kind):
    asked.append(kind)
    raise pipeline.PlaceTaken("another run is under way")
pipeline = begin.__globals__["pipeline"]
pipeline.start = busy
for kind in ("scheduled", "manual", "backfill"):
    run = SimpleNamespace(run_type=kind, logical_date=None, conf=None)
    begin.__globals__["get_current_context"] = lambda: {{"dag_run": run}}
    try:
        begin()
    except AirflowRescheduleException:
        asked.append("waits")
told["asked"] = asked
print("TOLD" + json.dumps(told))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    environment = os.environ | {
        "AIRFLOW_HOME": str(tmp_path_factory.mktemp("airflow")),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "PYTHONPATH": f"{ROOT / 'plugins'}{os.pathsep}{ROOT}",
        "MART_HOME": str(tmp_path_factory.mktemp("home") / "never-made"),
        "http_proxy": "http://127.0.0.1:9",
    }
    done = subprocess.run(
        [sys.executable, "-c", LOOK.format(folder=str(ROOT / "dags"))], env=environment, capture_output=True, text=True
    )
    found = re.search(r"^TOLD(.*)$", done.stdout, re.M)
    assert found, done.stderr[-2000:]
    return json.loads(found[1]) | {"home": environment["MART_HOME"]}


def test_every_dag_parses(told):
    assert told["dags"]
    assert not told["errors"]


def test_the_daily_dag_tells_the_story_in_order(told):
    tasks = told["dags"]["marketing_mart"]["tasks"]
    assert tasks == {
        "start": ["check_landed", "extract"],
        "extract": ["check_landed"],
        "check_landed": ["build"],
        "build": ["check_mart"],
        "check_mart": ["publish"],
        "publish": ["report"],
        "report": [],
    }


def test_one_run_at_a_time_and_no_catching_up_by_the_scheduler(told):
    dag = told["dags"]["marketing_mart"]
    assert dag["max_active_runs"] == 1
    assert not dag["catchup"]


def test_a_run_of_a_backfill_says_so_and_waits_for_its_turn_without_a_worker(told):
    assert told["asked"] == ["run", "waits", "run", "waits", "backfill", "waits"]


def test_every_task_has_an_owner_and_tells_its_failure(told):
    dag = told["dags"]["marketing_mart"]
    assert dag["owners"] == ["data-team"]
    assert dag["callbacks"]
    assert dag["tags"]


def test_the_page_of_the_dag_says_what_to_do_at_night(told):
    assert "3 a.m." in told["dags"]["marketing_mart"]["doc"]


def test_publishing_announces_every_table_of_the_mart(told):
    marts = {path.stem for path in (ROOT / "dbt_project" / "models" / "marts").rglob("*.sql")}
    assert marts
    assert set(told["dags"]["marketing_mart"]["outlets"]) == {f"mart.{name}" for name in marts}


def test_maintenance_is_a_dag_of_its_own_with_an_owner_that_tells_its_failure(told):
    dag = told["dags"]["marketing_maintenance"]
    assert dag["tasks"] == {"retain": []}
    assert (dag["owners"], dag["callbacks"], dag["max_active_runs"], dag["catchup"]) == (["data-team"], True, 1, False)
    assert "3 a.m." in dag["doc"]


def test_parsing_makes_nothing(told):
    assert not Path(told["home"]).exists()
