"""OpenLineage events of the stages, received on loopback: what they name, and that no backend ever stops a run."""

import logging
from contextlib import contextmanager
from uuid import UUID

import duckdb
import pytest
from loopback import Answer, serving
from test_acceptance import Mart, nothing
from test_catching_up import published

from marketing_mart import lineage, settings
from marketing_mart.errors import ConfigError, GateFailed
from marketing_mart.registry import Registry

KEY = "key-of-the-backend-1234"


@pytest.fixture
def mart(tmp_path, monkeypatch) -> Mart:
    mart = Mart(tmp_path, monkeypatch)
    mart.stand_in_gate()
    return mart


@contextmanager
def backend(mart: Mart, answers: int = 100, status: int = 201, delay: float = 0.0):
    """A backend that is configured for this home; yields what it was sent."""
    with serving() as served, mart.monkeypatch.context() as changed:
        served.instead += [Answer(status, {}, delay=delay) for _ in range(answers)]
        changed.setenv("OPENLINEAGE_URL", served.url)
        changed.setenv("OPENLINEAGE_API_KEY", KEY)
        yield served


def events(served, job: str = "") -> list[dict]:
    told = [asked.json() for asked in served.asked]
    return [event for event in told if event["job"]["name"].startswith(f"marketing_mart.{job}")]


def names(datasets: list[dict]) -> list[str]:
    return [f"{one['namespace']}:{one['name']}" for one in datasets]


def rows(datasets: list[dict]) -> dict[str, int]:
    return {one["name"]: one["outputFacets"]["outputStatistics"]["rowCount"] for one in datasets if one["outputFacets"]}


def test_extracts_tell_which_streams_became_which_landed_tables_and_how_many_rows(mart):
    with backend(mart) as served:
        run = mart.run("2025-06-02")
    start, complete = events(served, "extract.meta_ads")
    assert [start["eventType"], complete["eventType"]] == ["START", "COMPLETE"]
    assert start["run"]["runId"] == complete["run"]["runId"]
    assert "meta_ads:account_insights" in names(complete["inputs"])
    assert "marketing-mart:landed.meta_ads__account_insights" in names(complete["outputs"])
    assert rows(complete["outputs"])["landed.meta_ads__account_insights"] == 2
    parent = complete["run"]["facets"]["parent"]
    assert parent["run"]["runId"] == lineage.run_uuid(Registry(mart.home).run(run))
    assert {asked.path for asked in served.asked} == {"/api/v1/lineage"}
    assert {asked.headers["authorization"] for asked in served.asked} == {f"Bearer {KEY}"}


def test_every_stage_has_a_run_of_its_own_below_the_same_parent(mart):
    with backend(mart) as served:
        published(mart, "2025-06-02")
    told = events(served)
    runs = {event["job"]["name"]: UUID(event["run"]["runId"]) for event in told}
    assert list(runs) == [
        f"marketing_mart.{n}" for n in ("extract.meta_ads", "extract.files", "check_landed", "publish")
    ]
    assert len(set(runs.values())) == 4
    assert len({event["run"]["facets"]["parent"]["run"]["runId"] for event in told}) == 1


def test_the_gate_tells_its_checks_as_assertions_of_what_it_read(mart):
    with backend(mart) as served:
        mart.run("2025-06-02")
    checked = events(served, "check_landed")[-1]
    told = {one["name"]: one["inputFacets"] for one in checked["inputs"]}
    assert "landed.files__ad_performance" in told
    assertions = [of["dataQualityAssertions"]["assertions"] for of in told.values() if of]
    assert {(one["assertion"], one["success"]) for group in assertions for one in group} == {
        ("files_of_2025-06-02", True), ("meta_ads_of_2025-06-02", True),
    }  # fmt: skip


def test_a_red_gate_is_a_failed_run_that_says_why(mart):
    with backend(mart) as served:
        mart.meta = nothing
        with pytest.raises(GateFailed):
            mart.run("2025-06-02")
    start, fail = events(served, "check_landed")
    assert (start["eventType"], fail["eventType"]) == ("START", "FAIL")
    assert start["run"]["runId"] == fail["run"]["runId"]
    assert "meta_ads_of_2025-06-02" in fail["run"]["facets"]["errorMessage"]["message"]


def test_what_nobody_foresaw_is_told_by_its_kind_only(mart):
    with backend(mart) as served:
        run = mart.start("2025-06-02")
        with pytest.raises(ValueError), lineage.stage(settings.load(), Registry(mart.home), run, "build"):
            raise ValueError("the answer was 'secret of a customer'")
    fail = events(served, "build")[-1]
    assert fail["run"]["facets"]["errorMessage"]["message"] == "ValueError"


def test_build_and_publish_tell_the_tables_of_the_mart_with_their_rows(mart):
    with backend(mart) as served:
        run = published(mart, "2025-06-02")
        candidate = mart.home / "candidates" / run
        candidate.mkdir(parents=True)
        with duckdb.connect(str(candidate / "mart.duckdb")) as db:
            db.execute("create schema mart; create table mart.mart.kpi_daily as from range(7)")
            db.execute("create view mart.mart.newest as select 1 as n")
        with lineage.stage(settings.load(), Registry(mart.home), run, "build"):
            pass
    build, publish = events(served, "build")[-1], events(served, "publish")[-1]
    assert "marketing-mart:landed.files__ad_performance" in names(build["inputs"])
    assert names(build["outputs"]) == ["marketing-mart:candidate.kpi_daily", "marketing-mart:candidate.newest"]
    assert rows(build["outputs"]) == {"candidate.kpi_daily": 7}
    assert "marketing-mart:candidate.kpi_daily" in names(publish["inputs"])
    assert rows(publish["outputs"]) == {"mart.kpi_daily": 1, "mart.kpi_alerts": 0}
    assert publish["outputs"][0]["facets"]["version"]["datasetVersion"] == run


def test_without_a_backend_nothing_is_sent(mart, monkeypatch):
    def told(*_):
        raise AssertionError("an event was made")

    monkeypatch.setattr(lineage, "_tell", told)
    published(mart, "2025-06-02")
    with backend(mart) as served:
        monkeypatch.setenv("OPENLINEAGE_DISABLED", "true")
        mart.run("2025-06-03")
    assert served.asked == []


@pytest.mark.parametrize("status", [500, 401])
def test_a_backend_that_refuses_stops_nothing_and_is_asked_once(mart, caplog, status):
    caplog.set_level(logging.DEBUG)
    with backend(mart, status=status) as served:
        published(mart, "2025-06-02")
    assert len(served.asked) == 1
    (warning,) = [record for record in caplog.records if record.levelname == "WARNING" and "lineage" in record.message]
    assert "START of extract meta_ads was not told" in warning.message
    assert KEY not in caplog.text


def test_a_backend_that_is_gone_or_silent_stops_nothing(mart, monkeypatch, caplog):
    monkeypatch.setattr(lineage, "TIMEOUT_SECONDS", 0.2)
    with backend(mart, delay=1) as served:
        published(mart, "2025-06-02")
        assert len(served.asked) == 1
    (mart.home / lineage.UNREACHABLE).unlink()
    monkeypatch.setenv("OPENLINEAGE_URL", served.url)  # nobody listens there any more
    published(mart, "2025-06-03")
    assert caplog.text.count("lineage: START of extract meta_ads was not told") == 2


def test_a_backend_that_came_back_is_told_again(mart, monkeypatch):
    with backend(mart, status=500):
        mart.run("2025-06-02")
    monkeypatch.setattr(lineage, "LEFT_ALONE_SECONDS", 0)
    with backend(mart) as served:
        mart.run("2025-06-03")
    assert len(events(served)) == 6
    assert not (mart.home / lineage.UNREACHABLE).exists()


def test_the_file_names_the_backend_and_the_environment_overrides_it(tmp_path):
    path = tmp_path / "mart.yml"
    path.write_text("sources: {files: {}}\nlineage: {url: 'https://lineage.example', namespace: shop}\n")
    told = settings.load({"MART_CONFIG": str(path)})
    assert (told.lineage_url, told.lineage_namespace) == ("https://lineage.example", "shop")
    other = settings.load(
        {"MART_CONFIG": str(path), "OPENLINEAGE_URL": "http://127.0.0.1:1", "OPENLINEAGE_API_KEY": KEY}
    )
    assert (other.lineage_url, other.lineage_api_key) == ("http://127.0.0.1:1", KEY)
    assert KEY not in repr(other)
    with pytest.raises(ConfigError, match=r"mart.yml:2: lineage.url"):
        path.write_text("sources: {files: {}}\nlineage: {url: 'https://user:pass@lineage.example'}\n")
        settings.load({"MART_CONFIG": str(path)})
    with pytest.raises(ConfigError, match="OPENLINEAGE_URL"):
        settings.load({"OPENLINEAGE_URL": "ftp://lineage.example"})


def test_the_shipped_configuration_sends_nothing_anywhere():
    assert settings.load({}).lineage_url == ""


def test_a_stage_tried_again_is_another_run_of_the_same_job(mart):
    with backend(mart) as served:
        run = mart.start("2025-06-02")
        mart.extract(run, "files")
        mart.extract(run, "files")
    first, again = [event["run"]["runId"] for event in events(served, "extract.files") if event["eventType"] == "START"]
    assert first != again
