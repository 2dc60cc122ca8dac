"""The candidate: what dbt's failure says, and what is sealed for readers."""

import json
import os
import re
from datetime import date
from types import SimpleNamespace

import duckdb
import pytest
from landed_world import LandedWorld

from marketing_mart import (
    candidate,
    model_variables,
    parsed_models,
    pipeline,
    publishing,
    quality,
    settings,
    warehouse,
)
from marketing_mart.connectors import streams
from marketing_mart.errors import BuildError
from marketing_mart.quality import GateResult
from marketing_mart.registry import Registry


def test_a_candidate_shows_the_landing_and_nothing_of_an_earlier_try(tmp_path):
    first = warehouse.create_candidate(tmp_path, {"files__orders": "select 1 as order_id"})
    with duckdb.connect(str(first)) as connection:
        connection.execute("create table left_over as select 1 as a")
    again = warehouse.create_candidate(tmp_path, {"files__orders": "select 2 as order_id"})
    with duckdb.connect(str(again), read_only=True) as connection:
        assert connection.execute("select order_id from landed.files__orders").fetchall() == [(2,)]
        tables = connection.execute("select table_name from duckdb_tables()").fetchall()
    assert tables == []


def test_a_sealed_mart_holds_schema_mart_alone_and_gives_room_back(tmp_path):
    database = tmp_path / "mart.duckdb"
    with duckdb.connect(str(database)) as connection:
        for schema in ("landed", "staging", "intermediate", "mart"):
            connection.execute(f"create schema {schema}")
        connection.execute("create table intermediate.hashes as select md5(i::varchar) h from range(300000) t(i)")
        connection.execute("create view landed.x as select 1 as a")
        connection.execute("create view staging.x as select * from landed.x")
        connection.execute("create table mart.mart.kpi_daily as select 1::decimal(38, 10) as spend")
        connection.execute("use mart.mart")
        connection.execute("create view report as select spend from kpi_daily")
    before = database.stat().st_size
    warehouse.seal(database)
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("use mart.mart")
        found = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        assert found == [("mart", "kpi_daily")]
        assert connection.execute("select spend from report").fetchall() == [(1,)]
    assert database.stat().st_size < before / 4


def test_a_failed_build_names_the_node_and_where_to_read_on(tmp_path):
    """The landing lacks every stream but one, so the first staging views can't be made."""
    database = warehouse.create_candidate(tmp_path / "candidate", {"loads": "select 1 as a"})
    with pytest.raises(BuildError) as caught:
        warehouse.build(database, {"mart_date": "2025-06-30", "kpi_start": "2025-06-01"}, log_folder=tmp_path / "logs")
    told = str(caught.value)
    assert "stg_" in told
    assert "dbt-output.txt" in told
    assert "Traceback" not in told


def test_a_build_that_the_system_killed_is_told_as_such(tmp_path, monkeypatch):
    """And not as what an earlier try left; what it had half written of what it parsed is not kept."""
    dbt = tmp_path / "bin" / "dbt"
    dbt.parent.mkdir()
    dbt.write_text("#!/bin/sh\nmkdir dbt && echo half > dbt/partial_parse.msgpack && kill -9 $$\n")
    dbt.chmod(0o755)
    monkeypatch.setattr(warehouse.sys, "executable", str(dbt.with_name("python")))
    left = tmp_path / "dbt" / "run_results.json"
    left.parent.mkdir()
    left.write_text('{"results": [{"unique_id": "model.a", "status": "error", "execution_time": 1, "message": "old"}]}')
    with pytest.raises(BuildError, match=r"dbt was killed while it built .*want of memory") as caught:
        warehouse.build(tmp_path / "mart.duckdb", {}, log_folder=tmp_path / "logs", parsed=tmp_path / "parsed")
    assert "then clear build" in caught.value.next_step
    assert (tmp_path / "dbt" / "partial_parse.msgpack").exists()
    assert not (tmp_path / "parsed").exists()


def test_the_next_build_parses_nothing_and_is_of_its_own_day(tmp_path):
    """In another file; in one that was built before, whose relations are made anew, where what is kept is damaged."""
    parsed = tmp_path / "parsed"

    def kpi_days(folder: str, first: str, last: str) -> tuple[date, date]:
        world = LandedWorld(tmp_path / folder)
        if not world.path.exists():
            world.create()
        told, models = {"mart_date": last, "kpi_start": first}, ("int_plan_days", "stg_files__orders")
        warehouse.build(world.path, told, log_folder=tmp_path / "logs", models=models, parsed=parsed)
        (row,) = world.rows(
            "select min(date_day) as first, max(date_day) as last from intermediate.int_plan_days where is_kpi_day"
        )
        return row["first"], row["last"]

    assert kpi_days("one", "2025-06-01", "2025-06-03") == (date(2025, 6, 1), date(2025, 6, 3))
    (kept,) = parsed.iterdir()
    whole = kept.read_bytes()
    assert kpi_days("two", "2025-05-30", "2025-06-04") == (date(2025, 5, 30), date(2025, 6, 4))
    assert kept.read_bytes() == whole, "dbt writes the time into what it parses: it has parsed again"
    damaged = whole.replace(b"is_kpi_day", b"is_kpi_dax")
    kept.write_bytes(damaged)
    assert kpi_days("two", "2025-06-02", "2025-06-05") == (date(2025, 6, 2), date(2025, 6, 5))
    assert kept.read_bytes() not in (whole, damaged) and list(parsed.iterdir()) == [kept]


def test_what_was_parsed_with_other_settings_or_models_is_another_s(tmp_path):
    told = {"mart_date": "2025-06-30", "kpi_start": "2025-04-02", "stale_sources": {}, "reporting_currency": "USD"}
    settings, _ = warehouse.tell(told)
    assert warehouse.tell(told | {"mart_date": "2025-07-01", "stale_sources": {"hubspot": "gone"}})[0] == settings
    places = {
        parsed_models.place(tmp_path, models, warehouse.tell(told | {"reporting_currency": currency})[0])
        for models, currency in (("a", "USD"), ("a", "EUR"), ("b", "USD"), ("a", "USD"))
    }
    assert len(places) == 3


def test_models_read_what_is_of_the_day_as_it_is_told():
    """By `told_today`: dbt's variables of these names are not the build's."""
    read = re.compile(rf"""\bvar\(\s*['"]({"|".join(warehouse.OF_THE_DAY)})['"]""")
    files = [path for path in warehouse.DBT_PROJECT.rglob("*") if path.suffix in (".sql", ".yml", ".py")]
    assert len(files) > 300
    assert [path.name for path in files if read.search(path.read_text())] == []


def test_what_was_parsed_long_ago_is_let_go(tmp_path, monkeypatch):
    monkeypatch.setattr(parsed_models, "KEPT", 2)
    for age, name in enumerate(("c", "b", "a")):
        target = tmp_path / name
        target.mkdir()
        (target / parsed_models.FILE).write_bytes(name.encode())
        kept = parsed_models.place(tmp_path / "kept", name)
        parsed_models.keep(kept, target)
        os.utime(kept, (age, age))
        parsed_models.lend(kept, tmp_path / "lent")
        assert (tmp_path / "lent" / parsed_models.FILE).read_bytes() == name.encode()
    assert {path.name for path in (tmp_path / "kept").iterdir()} == {
        parsed_models.place(tmp_path, name).name for name in ("a", "b")
    }


def test_a_candidate_that_is_gone_is_not_sealed_as_an_empty_one(tmp_path):
    with pytest.raises(BuildError, match=r"the candidate .*mart.duckdb is gone"):
        warehouse.seal(tmp_path / "mart.duckdb")
    assert not list(tmp_path.iterdir())


def test_a_changed_model_changes_the_fingerprint(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    model = tmp_path / "models" / "a.sql"
    model.write_text("select 1")
    monkeypatch.setattr(warehouse, "DBT_PROJECT", tmp_path)
    before = warehouse.models_fingerprint()
    assert warehouse.models_fingerprint() == before
    model.write_text("select 2")
    assert warehouse.models_fingerprint() != before


def test_builds_of_other_days_are_by_the_same_models_and_those_of_other_settings_are_not():
    told = {"mart_date": "2025-06-30", "kpi_start": "2025-04-02", "stale_sources": {}, "reporting_currency": "USD"}
    models = candidate.models_of(told)
    later = {"mart_date": "2025-07-01", "kpi_start": "2025-01-01", "stale_sources": {"hubspot": "gone"}}
    assert candidate.models_of(told | later) == models
    assert candidate.models_of(told | {"reporting_currency": "EUR"}) != models


@pytest.mark.parametrize(("released", "is_same"), [("built by these", True), ("built by others", False), (None, False)])
def test_the_gate_hears_whether_the_same_models_built_the_release(released, is_same, tmp_path, monkeypatch):
    monkeypatch.setenv("MART_HOME", str(tmp_path))
    day = date(2025, 6, 30)
    run = Registry(tmp_path).begin_run(day, kpi_start=day, demo=True)
    folder = candidate.candidate_folder(settings.load(), run.run_id)
    folder.mkdir(parents=True)
    (folder / "build.json").write_text(json.dumps({"models": "built by these"}))
    release = released and SimpleNamespace(models=released, database=tmp_path / "mart.duckdb")
    monkeypatch.setattr(publishing, "current", lambda _home: release)
    heard = []

    def check_mart(_database, _out, *, context):
        heard.append(context.same_models)
        return GateResult("mart", context.day, ())

    monkeypatch.setattr(quality, "check_mart", check_mart)
    pipeline.check_mart(run.run_id)
    assert heard == [is_same]


def test_the_streams_that_tell_of_measures_exist():
    known = {stream.label for stream in streams()}
    named = {label for feeds in model_variables.MEASURES_OF for label in feeds}
    assert named <= known
