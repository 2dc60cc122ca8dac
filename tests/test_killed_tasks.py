"""A task whose process was killed can't tell of its failure; the failed DAG run tells in its place, once."""

from datetime import date

import pytest

from marketing_mart import pipeline
from marketing_mart.registry import Registry

LEFT = []


@pytest.fixture
def registry(tmp_path, monkeypatch) -> Registry:
    monkeypatch.setenv("MART_HOME", str(tmp_path))
    for name in ("MART_CONFIG", "MART_SOURCES"):
        monkeypatch.delenv(name, raising=False)
    return Registry(tmp_path)


def begun(registry: Registry) -> str:
    return registry.begin_run(date(2025, 6, 30), kpi_start=None, demo=True).run_id


def kill_in(registry: Registry, run_id: str, stage: str) -> None:
    """Leave a stage as SIGKILL leaves it: begun, and never ended."""
    left = registry.stage(run_id, stage)
    left.__enter__()
    LEFT.append(left)  # a generator that is let go would be closed, and the stage with it


def alerts(registry: Registry) -> str:
    path = registry.home / "alerts.txt"
    return path.read_text() if path.exists() else ""


def test_a_killed_stage_fails_the_run_and_alerts(registry):
    run_id = begun(registry)
    with registry.stage(run_id, "extract files"):
        pass
    kill_in(registry, run_id, "build")
    kill_in(registry, run_id, "build")  # killed again when it was tried again
    pipeline.fail_if_untold(run_id)
    assert registry.run(run_id).outcome == "failed"
    assert registry.run(run_id).error.startswith("build: ended before it could say why")
    assert "build: ended before it could say why" in alerts(registry)
    assert "clear that task" in alerts(registry)
    assert "extract" not in alerts(registry)


def test_it_is_told_even_where_the_next_run_has_begun(registry):
    run_id = begun(registry)
    kill_in(registry, run_id, "build")
    begun(registry)
    pipeline.fail_if_untold(run_id)
    assert "build: ended before it could say why" in alerts(registry)


def test_a_task_that_never_started_is_told_too(registry):
    run_id = begun(registry)
    with registry.stage(run_id, "extract files"):
        pass
    pipeline.fail_if_untold(run_id)
    assert registry.run(run_id).outcome == "failed"
    assert "a task: ended before it could say why" in alerts(registry)


def test_a_page_killed_after_the_release_is_told_and_the_release_stays(registry):
    run_id = begun(registry)
    kill_in(registry, run_id, "build")
    with registry.stage(run_id, "build"):  # tried again, and well
        pass
    registry.end_run(run_id, "published")
    with registry.stage(run_id, "report"):
        pass
    pipeline.fail_if_untold(run_id)
    assert not alerts(registry)
    kill_in(registry, run_id, "report")
    pipeline.fail_if_untold(run_id)
    assert registry.run(run_id).outcome == "published"
    assert "report: ended before it could say why" in alerts(registry)


def test_a_page_whose_task_was_killed_before_it_began_is_told(registry):
    run_id = begun(registry)
    registry.end_run(run_id, "published")
    pipeline.fail_if_untold(run_id)
    assert "report: ended before it could say why" in alerts(registry)


def test_a_failure_that_its_task_told_is_not_told_twice(registry):
    run_id = begun(registry)
    with pytest.raises(ZeroDivisionError), registry.stage(run_id, "build"):
        raise ZeroDivisionError
    pipeline.fail(run_id, "build", ZeroDivisionError())
    told = alerts(registry)
    pipeline.fail_if_untold(run_id)
    assert told
    assert alerts(registry) == told


def test_a_run_that_never_began_is_left_to_its_first_task(registry):
    pipeline.fail_if_untold(None)
    assert not alerts(registry)
