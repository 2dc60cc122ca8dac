"""The house rules: who may import whom, and every model's .yml names exactly what its SQL emits."""

import ast
import re
from pathlib import Path

import pytest
import yaml
from conftest import LONGEST_FIRST

from marketing_mart.tables import MART_TABLES

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "plugins" / "marketing_mart"
SHARED = {"settings", "config", "errors", "redaction", "streams"}
STAGES = {"landing", "warehouse", "quality", "publishing", "alerting", "report"}
# what the pipeline is made of besides the stages: nobody else imports it
PIPELINE = {
    "access", "beginning", "candidate", "catching_up", "extraction", "gates", "lineage", "mart_runs", "staleness",
    "telling",
}  # fmt: skip
# what a module may import of the package besides SHARED and itself
OWN_LIBRARY = {
    "landing": set(),
    "warehouse": {"parsed_models"},
    "parsed_models": set(),
    "quality": set(),
    "publishing": {"registry", "release", "place"},
    "retention": {"connectors", "landing", "place", "registry"},
    "quarantine": {"landing", "place", "registry", "release"},
    "machine": set(),
    "registry": {"machine", "place"},
    "release": set(),
    "place": set(),
    "report": {"release"},
    "alerting": set(),
    "privacy": set(),
    "demo": set(),
    "laptop": set(),
    "metrics": set(),
    "access": {"demo"},
    "beginning": {"catching_up", "extraction", "landing", "registry", "release"},
    "candidate": {"connectors", "landing", "model_variables", "registry", "release", "warehouse"},
    "catching_up": {"alerting", "extraction", "landing", "registry", "release"},
    "erasure": {
        "connectors",
        "landing",
        "model_variables",
        "place",
        "privacy",
        "publishing",
        "registry",
        "release",
        "warehouse",
    },
    "extraction": {"connectors", "demo", "erasure", "landing", "model_variables", "privacy", "registry"},
    "gates": {"connectors", "extraction", "landing", "quality", "registry", "release", "staleness"},
    "backfill": set(),
    "history": {"registry"},
    "lineage": {"landing", "registry", "release", "tables"},
    "mart_runs": {"registry"},
    "staleness": {"alerting", "landing", "registry", "release"},
    "late": {"alerting", "registry", "release"},
    "telling": {"alerting", "registry", "release"},
}


def modules() -> list[Path]:
    found = sorted(PACKAGE.rglob("*.py"))
    assert len(found) > 20
    return found


def imports(path: Path) -> set[str]:
    """Dotted names of everything that the file imports, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{name.name}" for name in node.names} | {node.module}
    return found


def owner(path: Path) -> str:
    """The first name below the package: landing for landing/views.py."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def parts_used(path: Path) -> set[str]:
    """The parts of our package that a file imports."""
    inside = {name.split(".")[1] for name in imports(path) if name.startswith("marketing_mart.")}
    known = {p.name.removesuffix(".py") for p in PACKAGE.iterdir()}
    return {name for name in inside if name in known}


@pytest.mark.parametrize("part", sorted(OWN_LIBRARY))
def test_a_stage_imports_only_the_shared_nouns_and_its_own_library(part):
    files = [path for path in modules() if owner(path) == part]
    assert files, f"{part} has moved: amend the table above"
    for path in files:
        assert parts_used(path) <= SHARED | OWN_LIBRARY[part] | {part}, path


def test_only_the_pipeline_imports_what_it_is_made_of():
    for path in modules():
        if owner(path) not in PIPELINE | {"pipeline"}:
            assert not parts_used(path) & PIPELINE, path
        elif owner(path) == "pipeline":
            assert parts_used(path) >= PIPELINE


def test_the_pipeline_is_the_story_and_little_else():
    assert len((PACKAGE / "pipeline.py").read_text().splitlines()) < 230


def test_a_connector_imports_only_the_shared_client_settings_and_errors():
    files = [path for path in modules() if owner(path) == "connectors"]
    assert len(files) >= 6
    for path in files:
        assert parts_used(path) <= SHARED | {"connectors", "privacy"}, path


def test_nothing_outside_dags_imports_airflow():
    files = modules() + list((ROOT / "simulator").rglob("*.py")) + list((ROOT / "expectations").rglob("*.py"))
    for path in files:
        assert not {name for name in imports(path) if name.split(".")[0] == "airflow"}, path


def test_dags_import_the_pipeline_and_the_task_sdk_only():
    files = list((ROOT / "dags").glob("*.py"))
    assert files
    for path in files:
        assert {n.split(".")[0] for n in imports(path)} <= {"airflow", "datetime", "marketing_mart"}, path
        assert {n for n in imports(path) if n.startswith("airflow")} and all(
            n.startswith("airflow.sdk") for n in imports(path) if n.startswith("airflow")
        ), path
        assert parts_used(path) <= {"pipeline", "alerting", "retention", "tables"}, path


def test_the_dag_file_is_a_table_of_contents():
    assert len((ROOT / "dags" / "marketing_mart.py").read_text().splitlines()) < 130


def test_expectations_import_great_expectations_only():
    files = list((ROOT / "expectations").glob("*.py"))
    assert len(files) >= 3
    allowed = {"great_expectations", "expectations", "dataclasses", "collections", "datetime", "typing"}
    for path in files:
        assert {name.split(".")[0] for name in imports(path)} <= allowed, path


def test_the_simulator_imports_nothing_of_ours():
    files = list((ROOT / "simulator").rglob("*.py"))
    assert len(files) > 10
    for path in files:
        assert not {name for name in imports(path) if name.split(".")[0] in ("marketing_mart", "expectations")}, path


def test_only_tests_bench_and_the_demo_start_the_simulator():
    for path in modules():
        names = {name.split(".")[0] for name in imports(path)}
        assert "simulator" not in names, path
        if owner(path) not in ("laptop", "demo"):
            assert '"simulator"' not in path.read_text(), path


def test_airflow_is_told_to_leave_the_package_alone():
    assert "marketing_mart" in (ROOT / "plugins" / ".airflowignore").read_text().split()


def test_only_settings_reads_the_environment():
    for path in modules():
        if owner(path) in ("settings", "laptop", "metrics", "warehouse"):  # all but one hand it on to child processes
            continue
        assert not re.search(r"os\.environ|os\.getenv", path.read_text()), path


def described_models() -> dict[str, dict]:
    found: dict[str, dict] = {}
    for path in (ROOT / "dbt_project" / "models").rglob("*.yml"):
        for model in (yaml.safe_load(path.read_text()) or {}).get("models", []):
            found[model["name"]] = model
    return found


def test_every_model_has_its_page_with_the_grain_first():
    pages = described_models()
    models = [p.stem for s in ("*.sql", "*.py") for p in (ROOT / "dbt_project" / "models").rglob(s)]
    assert len(models) > 30
    assert set(models) == set(pages)
    for name, page in pages.items():
        assert page.get("description", "").startswith("One row per"), name
        assert page.get("columns"), name
        assert all(column.get("description") for column in page["columns"]), name


def test_every_mart_is_announced():
    marts = [path.stem for path in (ROOT / "dbt_project" / "models" / "marts").rglob("*.sql")]
    assert sorted(marts) == list(MART_TABLES)


def test_every_mart_enforces_its_contract():
    pages = described_models()
    marts = [p.stem for p in (ROOT / "dbt_project" / "models" / "marts").rglob("*.sql")]
    assert len(marts) >= 16
    for name in marts:
        assert all(column.get("data_type") for column in pages[name]["columns"]), name


def test_the_files_that_begin_first_exist():
    assert set(LONGEST_FIRST) <= {path.name for path in (ROOT / "tests").glob("test_*.py")}
