"""What the documents say is true: their files exist, their links lead somewhere, their commands and keys are real."""

import re
import subprocess
from pathlib import Path

import pytest

from marketing_mart import settings

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def readme() -> str:
    return (ROOT / "README.md").read_text()


def test_there_are_documents():
    assert {"README.md", "CHANGELOG.md", "CONTRIBUTING.md"} <= {path.name for path in DOCUMENTS}
    assert "Apache License" in (ROOT / "LICENSE").read_text()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_files_that_a_document_names_exist(path):
    named = re.findall(
        r"`((?:docs|config|dbt_project|expectations|plugins|simulator|tests|macros|docker)/[\w./-]+\.\w+)`",
        path.read_text(),
    )
    for name in named:
        assert (ROOT / name).exists() or (ROOT / "dbt_project" / name).exists(), name


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_make_targets_that_a_document_names_exist(path):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    assert "run" in targets
    for name in re.findall(r"`make ([a-z-]+)", path.read_text()):
        assert name in targets, name


def test_the_first_screen_has_the_sentence_the_flow_and_the_two_commands():
    screen = "\n".join(readme().splitlines()[:30])
    assert "extract -> land -> check -> model -> check -> publish -> report / alert" in screen
    assert "make run" in screen
    assert "make test" in screen
    assert "date_day" in screen


def test_ten_queries_stand_in_the_readme():
    assert len(queries()) == 10


def queries() -> list[str]:
    return re.findall(r"```sql\n(.*?)```", readme(), re.S)


def test_every_key_of_the_configuration_is_documented():
    text = (ROOT / "docs" / "configuration.md").read_text()
    for name, field in settings.Config.model_fields.items():
        assert f"`{name}" in text, name
        for inner in getattr(field.annotation, "model_fields", {}):
            assert f"`{name}.{inner}`" in text, f"{name}.{inner}"


def test_no_document_or_source_names_a_registry_or_this_machine():
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert len(files) > 100
    found = [
        name
        for name in files
        if (ROOT / name).suffix in (".md", ".py", ".yml", ".toml", ".lock", ".in", ".sql", ".sh", "")
        and (ROOT / name).is_file()
        and re.search(r"https?://[\w.-]*(?:py" r"pi|python" r"hosted|npm" r"js|deb" r"ian)", (ROOT / name).read_text())
    ]
    assert found == []
