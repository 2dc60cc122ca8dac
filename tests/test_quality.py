"""The gates as a whole: green on a clean world, red and broken told apart, nothing green by absence."""

import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import gate_world
import pytest

from marketing_mart import quality
from marketing_mart.connectors import hubspot, meta_ads
from marketing_mart.errors import GateBroken, GateFailed
from marketing_mart.quality import CheckResult, GateResult
from marketing_mart.quality.docs import without_other_hosts
from marketing_mart.quality.runner import run_gate

DEALS = "landed.hubspot__deals"
GATES = {"landed": quality.check_landed, "mart": quality.check_mart}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return gate_world.build(tmp_path_factory.mktemp("clean") / "mart.duckdb")


@pytest.fixture
def world(clean: Path, tmp_path: Path) -> Path:
    """A clean world that a test may change."""
    return Path(shutil.copy(clean, tmp_path / "mart.duckdb"))


@pytest.fixture
def no_connections(monkeypatch: pytest.MonkeyPatch) -> Iterator[list]:
    tried: list = []

    def refuse(*arguments: object, **_: object) -> None:
        tried.append(arguments)
        raise OSError("no connection may be tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    yield tried
    assert tried == []


@pytest.mark.parametrize("gate", GATES)
def test_a_clean_world_is_green_and_reaches_for_no_network(
    gate: str, clean: Path, tmp_path: Path, no_connections: list
) -> None:
    before = clean.read_bytes()
    result = GATES[gate](clean, tmp_path / "out", context=gate_world.context())
    assert len(result.checks) > 20
    assert [check.told() for check in result.checks if not check.ok] == []
    result.raise_if_red()
    assert clean.read_bytes() == before


def test_every_stream_that_is_on_is_checked(clean: Path, tmp_path: Path) -> None:
    result = quality.check_landed(clean, tmp_path, context=gate_world.context())
    assert {check.table for check in result.checks} >= {
        f"landed.{stream.source}__{stream.name}" for stream in gate_world.STREAMS
    }


def test_a_table_without_rows_is_no_fault_where_nothing_feeds_it(world: Path, tmp_path: Path) -> None:
    gate_world.change(world, "delete from mart.fct_ad_performance; delete from mart.fct_orders")
    context = gate_world.context(streams_on=[s for s in gate_world.STREAMS if s.source == "hubspot"])
    result = quality.check_mart(world, tmp_path / "out", context=context)
    assert [check.told() for check in result.checks if check.is_red] == []


def test_every_table_of_the_mart_is_checked_for_personal_data(world: Path, tmp_path: Path) -> None:
    gate_world.change(world, "create view mart.dim_new as select 1 as id, 'a' as e_mail")
    result = quality.check_mart(world, tmp_path / "out", context=gate_world.context())
    assert [(check.table, check.name) for check in result.failed] == [
        ("information_schema.columns", "no_personal_columns")
    ]


def test_a_red_check_names_what_where_how_many_sample_and_next_command(world: Path, tmp_path: Path) -> None:
    gate_world.change(world, f"update {DEALS} set deal_id = null where deal_id = 'deal_id-1'")
    result = quality.check_landed(world, tmp_path / "out", context=gate_world.context(streams_on=hubspot.STREAMS))
    with pytest.raises(GateFailed) as raised:
        result.raise_if_red()
    sample = tmp_path / "out" / "samples" / "landed" / f"{DEALS}.deal_id_never_null.csv"
    message = str(raised.value)
    assert f"gate landed 2025-06-30: 1 of {len(result.checks)} checks failed" in message
    assert f"{DEALS} deal_id_never_null: expected deal_id is never null; observed 1 of 2 rows otherwise" in message
    assert str(sample) in message
    assert "next: make run MART_DATE=2025-06-30 MART_SOURCES=hubspot" in message
    header, row = sample.read_text().splitlines()
    assert header.startswith("deal_id,created_at")
    assert row.startswith(",2025-06-29 12:00:00")


def test_at_most_twenty_rows_are_kept(world: Path, tmp_path: Path) -> None:
    gate_world.change(world, f"insert into {DEALS} by name select null as deal_id from range(500)")
    result = quality.check_landed(world, tmp_path / "out", context=gate_world.context(streams_on=hubspot.STREAMS))
    check = next(check for check in result.failed if check.name == "deal_id_never_null")
    assert check.failed_rows == 500
    assert len(Path(check.sample_path).read_text().splitlines()) == 21


def test_failed_and_broken_checks_are_told_apart(world: Path, tmp_path: Path) -> None:
    gate_world.change(world, f"alter table {DEALS} drop column deal_id; update {DEALS} set currency = 'x'")
    result = quality.check_landed(world, tmp_path / "out", context=gate_world.context(streams_on=hubspot.STREAMS))
    assert {check.name for check in result.broken} == {"deal_id_never_null", "key_unique"}
    assert {check.table for check in result.broken} == {DEALS}
    assert [(check.table, check.name) for check in result.failed] == [(DEALS, "currency_is_iso")]
    with pytest.raises(GateBroken) as raised:
        result.raise_if_red()
    failed, broken = str(raised.value).split("\nand ")
    assert "1 of" in failed
    assert "currency_is_iso" in failed
    assert "2 of" in broken
    assert "raised, so nothing is known of them" in broken
    assert "deal_id_never_null" in broken


def test_a_check_that_raises_takes_no_other_check_along(world: Path, tmp_path: Path) -> None:
    """Great Expectations computes many checks in one query, and fails them all when one of them raises."""
    insights = "landed.meta_ads__ad_insights"
    gate_world.change(world, f"alter table {insights} alter spend type varchar; update {insights} set spend = 'a'")
    result = quality.check_landed(world, tmp_path / "out", context=gate_world.context(streams_on=meta_ads.STREAMS))
    broken = {check.name for check in result.broken if check.table == insights}
    assert broken == {"spend_at_least_0", "sums_to_account_insights"}
    green = {check.name for check in result.checks if check.table == insights and check.ok}
    assert green >= {"impressions_at_least_0", "date_day_never_null", "spend_never_null", "key_unique"}


def test_a_broken_warning_stops_the_run_too(world: Path, tmp_path: Path) -> None:
    gate_world.change(world, "alter table mart.kpi_daily drop column cac")
    result = quality.check_mart(world, tmp_path / "out", context=gate_world.context())
    assert [(check.name, check.severity) for check in result.broken] == [("cac_usual", "warning")]
    assert result.warnings == ()
    with pytest.raises(GateBroken):
        result.raise_if_red()


def test_a_warning_stops_nothing(world: Path, tmp_path: Path) -> None:
    gate_world.change(world, "update mart.kpi_daily set net_revenue = 0 where date_day = '2025-06-30'")
    result = quality.check_mart(world, tmp_path / "out", context=gate_world.context())
    assert [check.name for check in result.warnings] == ["net_revenue_usual"]
    result.raise_if_red()


@pytest.mark.parametrize(("gate", "severity"), [("landed", "warning"), ("mart", "error")])
def test_only_the_landed_gate_goes_on_without_a_source(gate: str, severity: str, world: Path, tmp_path: Path) -> None:
    from expectations import landed

    gate_world.change(world, f"update {DEALS} set currency = 'x'")
    context = gate_world.context(streams_on=hubspot.STREAMS, may_be_stale={"hubspot"}, owners={"hubspot": "crm-team"})

    def suites(scope):
        return {DEALS: [replace(c, source="hubspot") for c in landed.suites(scope)[DEALS] if "currency" in c.name]}

    (check,) = run_gate(gate, suites, world, tmp_path / "out", context).checks
    assert (check.ok, check.severity, check.owner) == (False, severity, "crm-team")


def test_a_stream_that_is_not_there_breaks_the_gate(world: Path, tmp_path: Path) -> None:
    gate_world.change(world, f"drop table {DEALS}")
    with pytest.raises(GateBroken, match=rf"{DEALS}: there is no such table"):
        quality.check_landed(world, tmp_path / "out", context=gate_world.context(streams_on=hubspot.STREAMS))


def test_a_mart_without_its_tables_breaks_the_gate(world: Path, tmp_path: Path) -> None:
    gate_world.change(world, "drop table mart.kpi_daily")
    with pytest.raises(GateBroken, match=r"mart\.kpi_daily: there is no such table"):
        quality.check_mart(world, tmp_path / "out", context=gate_world.context())


def _no_suites(_: object) -> dict:
    return {}


def _empty_suite(_: object) -> dict:
    return {DEALS: []}


def _no_expectation(_: object) -> dict:
    from expectations.base import Check

    return {DEALS: [Check("odd", {"type": "expect_nothing_known"}, "x", why="x", next_step="x")]}


def _the_same_name_twice(_: object) -> dict:
    from expectations.base import not_empty

    return {DEALS: [not_empty(why="x", next_step="x"), not_empty(why="y", next_step="y")]}


@pytest.mark.parametrize(
    ("suites_of", "problem"),
    [
        (_no_suites, "there is no suite"),
        (_empty_suite, "its suite is empty"),
        (_no_expectation, "dict is no expectation"),
        (_the_same_name_twice, "not_empty: stands twice"),
    ],
)
def test_a_hollow_suite_is_refused(suites_of: Callable, problem: str, clean: Path, tmp_path: Path) -> None:
    with pytest.raises(GateBroken, match=problem):
        run_gate("landed", suites_of, clean, tmp_path, gate_world.context())


def test_a_missing_database_breaks_the_gate(tmp_path: Path) -> None:
    with pytest.raises(GateBroken, match="there is no database"):
        quality.check_landed(
            tmp_path / "mart.duckdb", tmp_path / "out", context=gate_world.context(streams_on=hubspot.STREAMS)
        )
    assert not (tmp_path / "mart.duckdb").exists()


def test_a_file_that_is_no_database_breaks_the_gate(tmp_path: Path) -> None:
    (tmp_path / "mart.duckdb").write_text("not a database, but long enough to be read as one " * 400)
    with pytest.raises(GateBroken, match=r"gate landed 2025-06-30: \w+: "):
        quality.check_landed(
            tmp_path / "mart.duckdb", tmp_path / "out", context=gate_world.context(streams_on=hubspot.STREAMS)
        )


def test_the_current_release_is_compared_and_both_files_are_let_go(world: Path, clean: Path, tmp_path: Path) -> None:
    gate_world.change(world, "delete from mart.fct_orders where source = 'files'")
    context = gate_world.context(current_release=clean)
    result = quality.check_mart(world, tmp_path / "out", context=context)
    assert {check.name for check in result.failed} == {"rows_not_fallen_by_50_percent"}
    for path in (world, clean):
        writer = f"import duckdb; duckdb.connect({str(path)!r}).execute('create table main.proof (a int)')"
        subprocess.run([sys.executable, "-c", writer], check=True)
    gate_world.change(clean, "drop table main.proof")


def test_the_first_release_has_nothing_to_be_compared_with(clean: Path, tmp_path: Path) -> None:
    result = quality.check_mart(clean, tmp_path, context=gate_world.context(current_release=None))
    assert result.checks
    assert not any("fallen" in check.name for check in result.checks)


def test_the_result_file_holds_every_check(world: Path, tmp_path: Path) -> None:
    gate_world.change(world, f"update {DEALS} set deal_id = null")
    result = quality.check_landed(world, tmp_path / "out", context=gate_world.context(streams_on=hubspot.STREAMS))
    written = json.loads((tmp_path / "out" / "landed.json").read_text())
    assert written["gate"] == "landed"
    assert written["day"] == "2025-06-30"
    assert tuple(CheckResult(**check) for check in written["checks"]) == result.checks


def test_the_docs_tell_of_every_table_and_load_nothing_from_elsewhere(world: Path, tmp_path: Path) -> None:
    gate_world.change(world, f"update {DEALS} set deal_id = null")
    quality.check_landed(world, tmp_path / "out", context=gate_world.context(streams_on=hubspot.STREAMS))
    folder = tmp_path / "out" / "docs" / "landed"
    pages = {page: page.read_text() for page in folder.rglob("*.html")}
    assert len(pages) == 2 + len(hubspot.STREAMS)  # an index and a page for each table
    assert "landed.hubspot__deals" in pages[folder / "index.html"]
    assert "values must never be null" in pages[folder / "landed.hubspot__deals.html"]
    assert "2 of 2 rows otherwise" in pages[folder / "index.html"]
    assert "a row without its key can neither be updated nor counted" in pages[folder / "index.html"]
    for page, text in pages.items():
        assert re.findall(r"<(?:link|script|img|iframe)\b[^>]*>|url\([^)]*\)|@import", text) == [], page
        links = re.findall(r"href=[\"']([^\"'#]+)", text)
        assert [url for url in links if not url.startswith("https://") and not (folder / url).exists()] == []


def test_what_loads_from_another_host_is_taken_out_of_a_page() -> None:
    html = (
        '<head><link rel="stylesheet" href="https://cdn.example/a.css"><script src="https://cdn.example/a.js"></script>'
        '</head><body><img src="https://cdn.example/a.png"><p style="background: url(\'https://a.example/b.png\')">rows'
        '<a href="https://example.com">a link is followed only on purpose</a></body>'
    )
    page = without_other_hosts(html)
    assert "cdn.example" not in page
    assert "a.example" not in page
    assert "rows" in page
    assert "a link is followed only on purpose" in page


def test_many_red_checks_are_told_in_few_lines(tmp_path: Path) -> None:
    red = CheckResult("t", "n", "error", False, False, "o", "e", 1, "", "team", "make run", "w")
    with pytest.raises(GateFailed) as raised:
        GateResult("mart", gate_world.DAY, (red,) * 30).raise_if_red()
    assert "30 of 30 checks failed" in str(raised.value)
    assert "and 18 more" in str(raised.value)
    assert len(str(raised.value).splitlines()) < 20


def test_the_module_is_cheap_to_import() -> None:
    """Great Expectations takes seconds to import, and every Airflow task imports the pipeline."""
    code = "import sys, marketing_mart.quality; print('great_expectations' in sys.modules, 'pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=_root())
    assert done.stdout.split() == ["False", "False"]


def _root() -> Path:
    return Path(quality.__file__).parents[2]


def test_readers_of_the_database_are_not_kept_out(clean: Path, tmp_path: Path) -> None:
    reader = (
        f"import duckdb; held = duckdb.connect({str(clean)!r}, read_only=True); held.execute('from landed.reads'); "
    )
    with subprocess.Popen(
        [sys.executable, "-c", reader + "print('open', flush=True); input()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as other:  # fmt: skip
        assert other.stdout.readline() == "open\n"
        assert quality.check_landed(clean, tmp_path, context=gate_world.context(streams_on=hubspot.STREAMS)).checks
        other.communicate("\n")
    assert other.returncode == 0


def test_duckdb_is_asked_for_all_rows_of_a_result_at_once(clean: Path) -> None:
    """Great Expectations fetches after it has closed its connection."""
    import sqlalchemy

    from marketing_mart.quality.dialect import SCHEME

    engine = sqlalchemy.create_engine(f"{SCHEME}:///{clean}", connect_args={"read_only": True})
    with engine.connect() as connection:
        result = connection.exec_driver_sql("select * from range(5000)")
    assert len(result.fetchall()) == 5000
    with engine.connect() as connection, pytest.raises(sqlalchemy.exc.DBAPIError, match="read-only"):
        connection.exec_driver_sql("create table mart.main.x (a int)")
    engine.dispose()
    assert duckdb.connect(str(clean)).execute("select 1").fetchone() == (1,)
