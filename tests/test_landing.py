"""The landing: what is landed counts once and for good, in whatever order it arrives."""

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from landing_world import ADS, BUDGETS, FIRST, LAST, NOON, ORDERS, WEEK, ad, files_of, land, order, select

from marketing_mart.errors import LandingError
from marketing_mart.landing import Landing
from marketing_mart.landing.parquet import GroupedWriter
from marketing_mart.streams import DAY, MONEY, TEXT, Claims, Page, Window, columns


@pytest.fixture
def landing(tmp_path) -> Landing:
    return Landing(tmp_path)


def test_a_report_is_landed_day_by_day_with_its_totals(landing):
    result = land(landing, ADS, [ad(1, "a", 2, "0.10"), ad(3, "b", 5, "7", "USD")], [ad(1, "b", 3, "0.20")])
    assert (result.days, result.rows, result.new_versions) == (3, 3, 3)
    first, second, third = landing.loads()
    assert (first.day, first.rows, first.version) == (FIRST, 2, 1)
    assert first.totals == {"clicks EUR": "5", "spend EUR": "0.300000"}
    assert (second.rows, second.totals, second.path) == (0, {}, "")
    assert third.totals == {"clicks USD": "5", "spend USD": "7.000000"}
    assert first.path.startswith("tests/ads/day=2025-06-01/0001-")
    assert [load.path for load in (first, third)] == files_of(landing)


def test_the_same_content_again_adds_nothing_but_the_read(landing):
    land(landing, ADS, [ad(1, "a"), ad(2, "a")])
    files = files_of(landing)
    again = land(landing, ADS, [ad(2, "a"), ad(1, "a")], at=NOON + timedelta(hours=1))
    assert again.new_versions == 0 and files_of(landing) == files
    assert [(read.rows, read.new_versions) for read in landing.reads()] == [(2, 3), (2, 0)]
    assert landing.reads()[1].loaded_at == NOON + timedelta(hours=1)


def test_other_content_adds_a_version_and_keeps_the_old_one(landing):
    land(landing, ADS, [ad(1, "a", spend="1"), ad(2, "a")])
    restated = land(landing, ADS, [ad(1, "a", spend="2"), ad(2, "a")])
    assert restated.new_versions == 1
    of_first_day = [load for load in landing.loads() if load.day == FIRST]
    assert [(load.version, load.is_current, load.totals["spend EUR"]) for load in of_first_day] == [
        (1, False, "1.000000"),
        (2, True, "2.000000"),
    ]
    assert all((landing.root / load.path).exists() for load in of_first_day)
    assert select(landing, ADS, "sum(spend)") == [(Decimal("3.5"),)]


def test_a_day_that_vanished_at_the_source_vanishes_here(landing):
    land(landing, ADS, [ad(1, "a"), ad(2, "a")])
    land(landing, ADS, [ad(1, "a")])
    assert select(landing, ADS, "date_day") == [(FIRST,)]
    assert [load.rows for load in landing.loads() if load.day == date(2025, 6, 2)] == [1, 0]


def test_content_that_comes_back_counts_again(landing):
    for spend in ("1", "2", "1"):
        land(landing, ADS, [ad(1, "a", spend=spend)])
    assert [load.version for load in landing.loads() if load.day == FIRST] == [1, 2, 3]
    assert select(landing, ADS, "spend") == [(Decimal(1),)]


def test_a_first_verdict_stands(landing):
    land(landing, ADS, [ad(1, "a")], judged=None)
    offered = landing.offer("run-1")
    for accepted, rejected in (({"tests"}, ()), ((), {"tests"})):
        landing.judge(offered, accepted=accepted, rejected=rejected, run_id="run-1", judged_at=NOON)
    assert len(select(landing, ADS)) == 1


def test_content_that_no_gate_accepted_lands_again_in_the_same_file(landing):
    land(landing, ADS, [ad(1, "a", spend="1")])
    for run, judged in (("run-2", False), ("run-3", None), ("run-4", True)):
        again = land(landing, ADS, [ad(1, "a", spend="2")], run=run, judged=judged)
        assert again.new_versions == 1
    assert len(files_of(landing)) == 2
    assert select(landing, ADS, "spend") == [(2,)]


def test_what_counts_already_is_not_landed_again_because_of_what_does_not(landing):
    land(landing, ADS, [ad(1, "a", spend="1")])
    land(landing, ADS, [], run="run-2", judged=False)
    assert land(landing, ADS, [ad(1, "a", spend="1")], run="run-3").new_versions == 0


def test_an_offer_is_what_the_last_whole_read_of_a_source_brought(landing):
    def offered(run: str, whole: bool = True) -> list[str]:
        return [read.run_id for read in landing.offer(run, lambda *_: whole).reads]

    land(landing, ADS, [ad(1, "a", spend="1")], run="run-1", judged=None)
    land(landing, ADS, [ad(1, "a", spend="2")], run="run-2", judged=None)
    assert offered("run-1") == ["run-1"] and offered("run-2") == ["run-2"]
    assert offered("run-3") == ["run-2"] and offered("run-3", whole=False) == []
    land(landing, ADS, [ad(1, "a", spend="3")], run="run-4")
    assert offered("run-5") == []


def test_rows_outside_the_window_are_refused_with_their_days(landing):
    with pytest.raises(LandingError, match=r"tests/ads: 2 rows .* 2025-06-01 to 2025-06-03: 2025-06-04, 2025-06-09"):
        land(landing, ADS, [ad(1, "a"), ad(4, "a"), ad(9, "a")])
    assert landing.loads() == [] and landing.reads() == [] and files_of(landing) == []


def test_a_row_without_a_day_is_refused(landing):
    with pytest.raises(LandingError, match=r"1 rows .*no day"):
        land(landing, ADS, [(None, "a", "EUR", 1, Decimal(1))])


def test_a_key_that_stands_twice_on_a_day_is_refused_with_samples(landing):
    twice = [ad(1, "a"), ad(2, "b"), ad(2, "b"), ad(1, "a", spend="9"), ad(3, "c")]
    with pytest.raises(LandingError, match=r"2 keys \(date_day, campaign_id\).* 2025-06-01, a; 2025-06-02, b"):
        land(landing, ADS, twice)
    assert landing.loads() == []


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        (ADS.schema.remove(4), "spend is missing"),
        (ADS.schema.append(pa.field("colour", TEXT)), "colour is not declared"),
        (ADS.schema.set(3, pa.field("clicks", MONEY)), r"clicks is decimal128\(18, 6\), declared int64"),
        (pa.schema(reversed(list(ADS.schema))), "their order is _extra, spend"),
    ],
)
def test_a_page_with_other_columns_is_refused_by_name(landing, schema, complaint):
    with pytest.raises(LandingError, match=f"tests/ads: .*{complaint}"):
        landing.land(ADS, WEEK, [Page(schema.empty_table())], kpi_start=FIRST, loaded_at=NOON, run_id="r")


def test_the_newest_version_of_an_entity_counts_over_all_loads(landing):
    land(landing, ORDERS, [order("a", 9, "10"), order("b", 9, "20")], window=Window(None, FIRST))
    land(landing, ORDERS, [order("a", 11, "11")], window=Window(FIRST, LAST))
    land(
        landing,
        ORDERS,
        [order("a", 8, "99"), order("b", None, "99"), order("c", None, "5")],
        window=Window(FIRST, LAST),
    )
    assert select(landing, ORDERS, "order_id, amount", "order by all") == [("a", 11), ("b", 20), ("c", 5)]


def test_without_a_change_time_the_last_load_wins(landing):
    land(landing, BUDGETS, [("search", Decimal(1)), ("social", Decimal(7))], window=Window(None, FIRST))
    for amount, day in ((2, 2), (3, 3), (2, 4)):
        land(landing, BUDGETS, [("search", Decimal(amount))], window=Window(None, date(2025, 6, day)))
    assert select(landing, BUDGETS, "channel, amount", "order by all") == [("search", 2), ("social", 7)]


def test_an_unchanged_entity_of_another_day_is_noted_without_a_second_file(landing):
    for day in (1, 2, 3):
        land(landing, BUDGETS, [("search", Decimal(1))], window=Window(None, date(2025, 6, day)))
    assert [load.day.day for load in landing.loads()] == [1, 2, 3] and len(files_of(landing)) == 1
    assert select(landing, BUDGETS) == [("search", Decimal(1), None)]


def test_repeats_of_an_entity_in_one_read_collapse_to_the_newest(landing):
    lines = [{"sku": "x", "n": 2}]
    rows = [order("a", 9, "1"), order("b", 9, "2", lines), order("a", 10, "3"), order("b", 9, "2", lines)]
    result = land(landing, ORDERS, rows, [order("a", None, "4"), order("c", 9)], stated_rows=6)
    assert result.rows == 3
    assert select(landing, ORDERS, "order_id, amount, lines", "order by all") == [
        ("a", 3, None), ("b", 2, lines), ("c", 10, None),
    ]  # fmt: skip
    (load,), (read,) = landing.loads(), landing.reads()
    assert load.totals == {"amount": "15.000000"}
    assert (read.rows, read.landed_rows, read.stated_rows) == (6, 3, 6)


def test_two_different_newest_rows_of_an_entity_are_refused(landing):
    with pytest.raises(LandingError, match=r"1 keys \(order_id\).*none is the newest, e.g.: a"):
        land(landing, ORDERS, [order("a", 9, "1"), order("a", 9, "2"), order("b", 9)])
    with pytest.raises(LandingError, match="none is the newest"):
        land(landing, BUDGETS, [("search", Decimal(1)), ("search", Decimal(2))])


def test_the_first_kpi_day_is_the_earliest_ever_read_for(landing):
    assert landing.kpi_start() is None
    for kpi_start in (LAST, FIRST, LAST):
        landing.land(ADS, WEEK, [], kpi_start=kpi_start, loaded_at=NOON, run_id="r")
    assert landing.kpi_start() == FIRST


def test_windows_follow_the_reads_of_their_own_stream(landing):
    land(landing, ADS, [])
    land(landing, ORDERS, [], window=Window(None, LAST))
    next_day = LAST + timedelta(days=1)
    assert landing.report_window(ADS, next_day, FIRST, 1) == Window(LAST, next_day)
    assert landing.entity_window(ORDERS, next_day, 1) == Window(LAST - timedelta(days=1), next_day)
    assert landing.entity_window(BUDGETS, next_day, 1) == Window(None, next_day)


ROWS = st.lists(
    st.builds(ad, st.integers(1, 3), st.text("abcä'\"\n", max_size=3), st.integers(-5, 2**40),
              st.decimals("-9e11", "9e11", places=6).map(str), st.sampled_from(["EUR", "USD"])),
    max_size=30, unique_by=lambda row: row[:2],
)  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, seed=st.randoms(use_true_random=False), cut=st.integers(1, 7))
def test_what_lands_is_what_came_in_whatever_order_and_pages(tmp_path_factory, rows, seed, cut):
    shuffled = seed.sample(rows, len(rows))
    pages = [shuffled[start : start + cut] for start in range(0, len(shuffled), cut)]
    one, other = (Landing(tmp_path_factory.mktemp("home")) for _ in range(2))
    land(one, ADS, rows)
    land(other, ADS, *pages)
    assert one.fingerprint([ADS]) == other.fingerprint([ADS])
    assert [load.totals for load in one.loads()] == [load.totals for load in other.loads()]
    assert sorted(select(one, ADS)) == sorted((*row, None) for row in rows)


def test_a_large_day_has_the_same_bytes_whatever_its_pages(landing, tmp_path):
    """Beyond one row group, where cuts of groups and pages could differ."""
    rows = [ad(1, f"campaign {n}", clicks=n) for n in range(70_000)]
    random.Random(7).shuffle(rows)
    land(landing, ADS, rows)
    again = land(landing, ADS, *(rows[start : start + 9_999] for start in range(0, 70_000, 9_999)))
    assert again.new_versions == 0


def test_rows_are_written_as_groups_fill_up_and_pieces_leave_no_trace(tmp_path):
    rows = pa.table({"n": pa.array(range(10_000)), "text": [f"row {n % 700}" for n in range(10_000)]})
    files = []
    for cut in (10_000, 700, 999):
        small_pages = {"data_page_size": 512, "write_batch_size": 64}
        writer = GroupedWriter(tmp_path / f"{cut}.parquet", rows.schema, rows_per_group=1000, **small_pages)
        for start in range(0, 9_500, cut):
            writer.add(rows.slice(start, min(cut, 9_500 - start)))
        assert writer.rows == 9_000
        writer.close()
        assert writer.rows == 9_500
        files.append(writer.path.read_bytes())
    assert files[0] == files[1] == files[2]


def test_declared_claims_are_summed_up_with_the_day(landing):
    """By kind and window, which nest: others are no part of the sum. Without any there is a zero, not nothing."""
    action = pa.struct([("kind", TEXT), ("window", TEXT), ("conversions", MONEY), ("value", MONEY)])
    claims = Claims(kind="kind", window="window", value="value", within="actions", declared=("buy", "7d"))
    stream = replace(
        ADS, schema=columns(date_day=DAY, campaign_id=TEXT, currency=TEXT, actions=pa.list_(action)), totals=(),
        claims=claims,
    )  # fmt: skip
    rows = [
        {"kind": kind, "window": window, "conversions": Decimal(n), "value": Decimal(10 * n)}
        for kind, window, n in (("Buy", "7d", 2), ("buy", "1d", 1), ("view", "7d", 5), ("buy", "7d", 1))
    ]
    land(landing, stream, [(FIRST, "a", "EUR", rows), (FIRST, "b", "EUR", None), (FIRST, "c", "USD", None)])
    assert landing.loads()[0].totals == {
        "conversions:buy:7d EUR": "3.000000", "conversions_value:buy:7d EUR": "30.000000",
        "conversions:buy:7d USD": "0.000000", "conversions_value:buy:7d USD": "0.000000",
    }  # fmt: skip


def test_declared_claims_in_rows_of_their_own_are_summed_up_too(landing):
    flat = columns(date_day=DAY, campaign_id=TEXT, currency=TEXT, kind=TEXT, conversions=MONEY, conversions_value=MONEY)
    stream = replace(ADS, schema=flat, totals=("conversions",), claims=Claims(kind="kind", declared=("purchase", "")))
    rows = [(FIRST, str(n), "EUR", kind, Decimal(n), Decimal(n)) for n, kind in enumerate(("PURCHASE", "LEAD"), 1)]
    land(landing, stream, rows)
    assert landing.loads()[0].totals == {
        "conversions EUR": "3.000000",
        "conversions:purchase: EUR": "1.000000",
        "conversions_value:purchase: EUR": "1.000000",
    }


def test_a_sum_of_nothing_but_nulls_is_no_zero(landing):
    land(landing, ADS, [(FIRST, "a", "EUR", 1, None)])
    assert landing.loads()[0].totals == {"clicks EUR": "1"}
