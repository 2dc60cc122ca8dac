"""What the landing shows: the rows that count, typed and pinned."""

import dataclasses
import json
from datetime import date
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest
from landing_world import ADS, BUDGETS, FIRST, LAST, NOON, ORDERS, ad, judge, land, order, select

from marketing_mart.landing import Landing
from marketing_mart.streams import TEXT, Page, Window, columns


@pytest.fixture
def landing(tmp_path) -> Landing:
    return Landing(tmp_path)


def test_views_of_what_was_never_landed_are_empty_and_typed(landing):
    assert select(landing, ORDERS) == []
    view = landing.views([ORDERS])["tests__orders"]
    described = duckdb.sql(f"describe {view}").fetchall()
    assert [(row[0], row[1]) for row in described] == [
        ("order_id", "VARCHAR"),
        ("updated_at", "TIMESTAMP WITH TIME ZONE"),
        ("amount", "DECIMAL(18,6)"),
        ("lines", "STRUCT(sku VARCHAR, n BIGINT)[]"),
        ("_extra", "VARCHAR"),
    ]


def test_files_landed_before_a_column_was_declared_give_null_for_it(landing):
    """The upgrade path: declared columns come, go and change their order; types widen."""
    land(landing, BUDGETS, [("search", Decimal(1))], window=Window(None, FIRST))
    wider = columns(amount=pa.decimal128(20, 8), owner=TEXT)
    upgraded = dataclasses.replace(BUDGETS, schema=wider, key=("amount",))
    assert select(landing, upgraded) == [(Decimal(1), None, None)]
    land(landing, upgraded, [(Decimal(2), "ada")], window=Window(None, LAST))
    assert select(landing, upgraded, more="order by amount") == [(1, None, None), (2, "ada", None)]


def test_views_keep_giving_what_was_landed_when_they_were_made(landing):
    land(landing, ADS, [ad(1, "a", spend="1")])
    before = landing.views([ADS])
    land(landing, ADS, [ad(1, "a", spend="2")])
    assert duckdb.sql(before["tests__ads"]).fetchall()[0][4] == 1
    assert duckdb.sql(f"select count(*) from ({before['loads']})").fetchall() == [(3,)]


@pytest.mark.parametrize("order", [1, -1], ids=["the most rows first", "the most rows last"])
def test_of_each_key_the_row_that_was_loaded_last_counts_wherever_the_most_rows_are(landing, order):
    """A key with an empty part is one, and keys that the largest file has not come again too."""
    reads = [[None, "search", "social"], [None, "email"], ["email"]][::order]
    for day, channels in enumerate(reads, start=1):
        land(landing, BUDGETS, [(one, Decimal(day)) for one in channels], window=Window(None, date(2025, 6, day)))
    newest = {channel: day for day, channels in enumerate(reads, start=1) for channel in channels}
    assert dict(select(landing, BUDGETS, "channel, amount")) == newest
    assert len(select(landing, BUDGETS)) == len(newest)


def test_every_version_of_a_row_can_be_selected_with_its_load(landing):
    """Also of content that comes back, which is in the same file twice."""
    stream = dataclasses.replace(BUDGETS, shows_versions=True)
    assert duckdb.sql(landing.views([stream])["tests__budgets__versions"]).fetchall() == []
    for amount, judged in ((1, True), (2, True), (9, False), (1, True)):
        land(landing, stream, [("search", Decimal(amount))], window=Window(None, FIRST), judged=judged)
    versions = landing.views([stream])["tests__budgets__versions"]
    assert duckdb.sql(f"select load, amount from ({versions}) order by 1").fetchall() == [(1, 1), (2, 2), (4, 1)]
    assert "tests__budgets__versions" not in landing.views([BUDGETS])


def test_loads_and_reads_can_be_selected(landing):
    empty = landing.views([])
    assert duckdb.sql(empty["loads"]).fetchall() == duckdb.sql(empty["reads"]).fetchall() == []
    land(landing, ADS, [ad(1, "a")], stated_rows=1)
    views = landing.views([])
    load = duckdb.sql(views["loads"]).to_arrow_table().to_pylist()[0]
    assert (load["source"], load["stream"], load["kind"], load["day"]) == ("tests", "ads", "report", FIRST)
    assert (load["rows"], load["version"], load["is_current"], load["expected_lag_hours"]) == (1, 1, True, 24)
    assert (load["first_day"], load["last_day"], load["kpi_start"], load["stated_rows"]) == (FIRST, LAST, FIRST, None)
    assert load["loaded_at"] == NOON and json.loads(load["totals"])["clicks EUR"] == "1"
    read = duckdb.sql(views["reads"]).to_arrow_table().to_pylist()[0]
    assert (read["rows"], read["stated_rows"], read["new_versions"], read["run_id"]) == (1, 1, 3, "run-1")


def test_a_quote_in_the_path_of_mart_home_is_no_trouble(tmp_path):
    landing = Landing(tmp_path / 'it\'s "here"')
    land(landing, ADS, [ad(1, "a")])
    assert len(select(landing, ADS)) == 1
    assert duckdb.sql(landing.views([])["loads"]).fetchall()


def test_the_fingerprint_follows_the_rows_that_count_and_nothing_else(landing):
    streams = [ADS, BUDGETS]
    nothing = landing.fingerprint(streams)
    land(landing, ADS, [ad(1, "a")])
    land(landing, BUDGETS, [("search", Decimal(1))], window=Window(None, FIRST))
    one = landing.fingerprint(streams)
    land(landing, ADS, [ad(1, "a")])
    land(landing, BUDGETS, [("search", Decimal(1))], window=Window(None, LAST))
    land(landing, ORDERS, [order("a", 1)])
    assert nothing != one == landing.fingerprint(streams) == landing.fingerprint(reversed(streams))
    land(landing, ADS, [ad(1, "a", spend="9")], judged=False)
    land(landing, ADS, [ad(1, "a", spend="9")], judged=None)
    assert landing.fingerprint(streams) == one
    land(landing, ADS, [ad(1, "a", spend="9")])
    assert landing.fingerprint(streams) != one


def test_a_gate_is_shown_what_it_is_asked_to_judge_and_a_build_what_was_accepted(landing):
    land(landing, ADS, [ad(1, "a", spend="1")])
    land(landing, ADS, [ad(1, "a", spend="2")], run="run-2", judged=None)
    offered = landing.offer("run-2")
    land(landing, ADS, [ad(1, "a", spend="3")], run="run-2", judged=None)  # a retry while the gate looks
    spend = "select spend from ({})".format
    assert duckdb.sql(spend(landing.judged([ADS], offered)["landed"]["tests__ads"])).fetchall() == [(2,)]
    assert select(landing, ADS, "spend") == [(1,)]
    landing.judge(offered, accepted={"tests"}, rejected=(), run_id="run-2", judged_at=NOON)
    assert select(landing, ADS, "spend") == [(2,)]
    counts = duckdb.sql(f"select counts, is_current from ({landing.views([])['loads']}) where day = '{FIRST}'")
    assert counts.fetchall() == [(True, False), (True, True), (False, False)]


def test_reads_that_do_not_count_are_not_shown_as_reads(landing):
    for run, judged in (("run-1", True), ("run-2", False), ("run-3", None)):
        land(landing, ADS, [ad(1, "a")], run=run, judged=judged)
    shown = "select run_id from ({})".format
    assert duckdb.sql(shown(landing.views([])["reads"])).fetchall() == [("run-1",)]
    offered = landing.offer("run-3")
    assert duckdb.sql(shown(landing.judged([], offered)["landed"]["reads"])).fetchall() == [("run-1",), ("run-3",)]


def test_rejected_versions_of_an_entity_leave_its_rows_as_they_were(landing):
    land(landing, ORDERS, [order("a", 9, "10")], window=Window(None, FIRST))
    land(landing, ORDERS, [order("a", 11, "99"), order("b", 11, "99")], window=Window(FIRST, LAST), judged=False)
    assert select(landing, ORDERS, "order_id, amount") == [("a", 10)]
    land(landing, ORDERS, [order("a", 11, "99")], window=Window(FIRST, LAST))
    assert select(landing, ORDERS, "order_id, amount") == [("a", 99)]


def judged(landing: Landing, run: str, *streams) -> dict[str, dict[str, list[tuple]]]:
    """schema -> name -> rows, as the gate of a run sees them."""
    shown = landing.judged(streams, landing.offer(run))
    return {schema: {n: duckdb.sql(q).fetchall() for n, q in views.items()} for schema, views in shown.items()}


def test_a_gate_is_shown_the_days_and_rows_that_its_run_brought_and_no_other(landing):
    plain = dataclasses.replace(ADS, totals=("clicks", "spend"))
    land(landing, plain, [ad(1, "a"), ad(2, "a"), ad(3, "a")])
    land(landing, ORDERS, [order("a", 9), order("b", 9)], window=Window(None, FIRST))
    land(landing, plain, [ad(1, "a"), ad(2, "a", spend="9"), ad(3, "a")], run="run-2", judged=None)
    land(landing, ORDERS, [order("a", 11, "99"), order("c", 11)], window=Window(FIRST, LAST), run="run-2", judged=None)
    seen = judged(landing, "run-2", plain, ORDERS)
    assert [(row[0].day, row[4]) for row in seen["landed"]["tests__ads"]] == [(2, 9)]
    assert sorted(row[0] for row in seen["landed"]["tests__orders"]) == ["a", "c"]
    assert sorted(seen["known"]["tests__orders"]) == [("a",), ("a",), ("b",), ("c",)]
    assert sorted(row[0] for row in seen["before"]["tests__orders"]) == ["a", "b"]
    assert [row[-1] for row in seen["landed"]["loads"]] == [False] * 4 + [True, True]
    assert [row[-1] for row in seen["landed"]["reads"]] == [False, False, True, True]


def test_streams_of_the_same_ads_are_shown_by_the_same_days_and_the_week_before(landing):
    counted = ("clicks", "impressions")
    whole = dataclasses.replace(
        ADS, name="whole", totals=counted, schema=pa.schema([*ADS.schema, ("impressions", "int64")])
    )
    part = dataclasses.replace(whole, name="part")
    month = Window(FIRST, FIRST.replace(day=30))
    rows = [(*ad(day, "a"), None, 10) for day in range(1, 31)]

    def pages(stream, given):
        names = stream.schema.names
        return [dict(zip(names, row, strict=True)) for row in given]

    def bring(stream, given, run):
        table = pa.Table.from_pylist(pages(stream, given), schema=stream.schema)
        landing.land(stream, month, [Page(table)], kpi_start=FIRST, loaded_at=NOON, run_id=run)

    bring(whole, rows, "run-1")
    bring(part, rows, "run-1")
    judge(landing, "run-1")
    bring(whole, rows, "run-2")
    bring(part, [(*ad(4, "a", clicks=7), None, 10), *rows[:3], *rows[4:]], "run-2")
    seen = judged(landing, "run-2", whole, part)["landed"]
    for name in ("tests__whole", "tests__part"):
        assert sorted(row[0].day for row in seen[name]) == [4, *range(23, 31)]


def test_a_run_that_brought_nothing_new_shows_no_rows(landing):
    land(landing, ADS, [ad(1, "a")])
    land(landing, ADS, [ad(1, "a")], run="run-2", judged=None)
    seen = judged(landing, "run-2", ADS)
    assert seen["landed"]["tests__ads"] == [] and seen["before"] == {}
    assert len(seen["landed"]["loads"]) == 3
