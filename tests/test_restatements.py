"""The ledger of restatements: what was known of a day at each load, from the landing's own sums and rows.

One small business and four runs: an ad day that is restated, emptied by mistake and read well again; orders that are
refunded later and one that moves to another day.
"""

import json
from typing import Any

import duckdb
import pytest
from landed_world import LandedWorld, Row

D1, D2, D40 = "2025-05-01", "2025-05-02", "2025-06-10"
RUNS = {1: "2025-05-02", 2: "2025-05-03", 3: "2025-06-01", 4: "2025-06-11"}  # by the day that they were for
FINALITY = {
    "google_ads": {"spend_days": 30, "conversions_days": 90},
    "meta_ads": {"spend_days": 28, "conversions_days": 28},
}


def order(order_id: str, day: str, net: int, changed: int, **more: Any) -> Row:
    return {
        "order_id": order_id, "processed_at": f"{day}T12:00+00:00", "updated_at": f"2025-05-0{changed}T13:00+00:00",
        "currency": "EUR", "gross_amount": net, "discount_amount": 0, **more,
    }  # fmt: skip


REFUNDED = order("a", D1, 100, 2, refunds=[{"refund_id": "1", "amount": 10}, {"refund_id": "2", "amount": 20}])
MOVED = order("b", D2, 50, 3)
SHOP = {
    1: [order("a", D1, 100, 1), order("b", D1, 50, 1), order("test", D1, 999, 1, is_test=True)],
    2: [REFUNDED, order("c", D2, 80, 2)],
    3: [MOVED, order("a", D1, 500, 1)],  # the latter is older than what is known
    4: [REFUNDED, order("d", D40, 20, 9)],
}
STORE = [
    {"order_id": order_id, "ordered_at": f"{D1}T09:00+00:00", "currency": "EUR", "net_amount": net, "status": status}
    for order_id, net, status in (("x", 40, "paid"), ("n", -15, "paid"), ("t", 999, "TEST"))
]


def record(world: LandedWorld, label: str, run: int, *, day: str = "", totals: dict | None = None, **more: Any) -> None:
    """A load, with the sums of its day where it has rows."""
    source, stream = label.split("/")
    known = {"kind": "report", "rows": 0 if totals is None else 1, "totals": json.dumps(totals or {})}
    world.record_load(
        source=source, stream=stream, day=day or RUNS[run], version=run, last_day=RUNS[run], expected_lag_hours=24,
        loaded_at=f"{RUNS[run]}T23:30+00:00", **(known | {"is_current": False} | more),
    )  # fmt: skip


def record_orders(world: LandedWorld, source: str, run: int, rows: list[Row]) -> None:
    record(world, f"{source}/orders", run, kind="entity", rows=len(rows))
    world.land_version(source, "orders", world.last_load, rows)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> LandedWorld:
    world = LandedWorld(tmp_path_factory.mktemp("restated"))
    meta, google, claims = "meta_ads/account_insights", "google_ads/account_performance", "google_ads/conversions"
    told = {"spend EUR": "10.00", "spend USD": "4.00", "clicks EUR": "5", "clicks USD": "1"}
    record(world, meta, 1, day=D1, totals=told)
    record(world, meta, 2, day=D1, counts=False)
    record(world, meta, 3, day=D1, totals={"spend EUR": "12.50", "clicks EUR": "6"}, is_current=True)
    record(world, google, 4, day=D40, totals={"cost_micros USD": "1500000", "clicks USD": "2"}, is_current=True)
    purchases = {"conversions:purchase: USD": "3", "conversions_value:purchase: USD": "30"}
    record(world, claims, 1, day=D1, totals={"conversions USD": "9"})  # from before claims were summed up
    record(world, claims, 2, day=D1, totals={"conversions USD": "9"} | purchases, is_current=True)
    nested = {"spend EUR": "12.50", "conversions:omni_purchase:7d_click EUR": "2", "conversions:lead:1d_view EUR": "8"}
    record(world, "meta_ads/ad_insights", 3, day=D1, totals=nested, is_current=True)
    record(world, "files/ad_performance", 1, day=D2, totals={"spend EUR": "1.00", "conversions EUR": "1"})
    record(world, "files/ad_performance", 2, day=D2, is_current=True)
    for run, rows in SHOP.items():
        record_orders(world, "shopify", run, rows)
    record_orders(world, "files", 1, STORE)
    _land_what_counts_now(world)
    world.build(
        "-s", "+fct_restatements", "+int_campaign_ad_days", "+fct_ad_conversions", "assert_restatements_agree",
        "--indirect-selection", "cautious",
        mart_date=D40, kpi_start=D1, finality=FINALITY,
    )  # fmt: skip
    return world


def _land_what_counts_now(world: LandedWorld) -> None:
    account = {"date_day": D1, "account_id": "1", "account_name": "Shop", "currency": "EUR", "impressions": 0}
    world.land("meta_ads", "account_insights", [account | {"clicks": 6, "spend": "12.50"}])
    actions = [{"action_type": "omni_purchase", "attribution_window": "7d_click", "conversions": 2, "value": 0}]
    campaign = {"campaign_id": "c", "ad_group_id": "g", "ad_id": "a"}
    world.land("meta_ads", "ad_insights", [account | campaign | {"clicks": 6, "spend": "12.50", "actions": actions}])
    dollars = account | {"currency": "USD"}
    world.land("google_ads", "account_performance", [
        dollars | {"date_day": D40, "clicks": 2, "cost_micros": 1_500_000}
    ])  # fmt: skip
    purchase = {"conversion_action": "1", "conversion_action_category": "PURCHASE", "campaign_id": "c"}
    del dollars["impressions"]
    world.land("google_ads", "conversions", [dollars | purchase | {"conversions": 3, "conversions_value": 30}])
    world.land("shopify", "orders", [REFUNDED, MOVED, SHOP[1][2], SHOP[2][1], SHOP[4][1]])
    world.land("files", "orders", STORE)
    for day in (D1, "2025-06-09"):
        rate = {"date_day": day, "from_currency": "EUR", "to_currency": "USD", "rate": "1.25"}
        world.land("files", "fx_rates", [rate])


def ledger(world: LandedWorld, source: str, metric: str, *columns: str, more: str = "true") -> list[tuple]:
    """By day, currency and load: the run, the value and what else is asked for."""
    runs = {day: run for run, day in RUNS.items()}
    query = "select loaded_for, value_local, {} from mart.fct_restatements where source = '{}' and metric = '{}' and {}"
    rows = world.rows(
        query.format(", ".join(columns) or "1", source, metric, more) + " order by date_day, currency, load"
    )
    return [(runs[str(row.pop("loaded_for"))], *(v for name, v in row.items() if name != "1")) for row in rows]


def test_a_day_is_told_of_as_it_was_at_each_load(world):
    assert ledger(world, "meta_ads", "spend", "change_local", more="currency = 'EUR'") == [
        (1, 10, None), (2, 0, -10), (3, 12.5, 2.5),  # the change is from what was shown before
    ]  # fmt: skip
    assert ledger(world, "meta_ads", "clicks") == [(1, 6), (2, 0), (3, 6)]


def test_a_currency_that_vanished_is_zero_from_then_on(world):
    assert ledger(world, "meta_ads", "spend", "change_local", more="currency = 'USD' and is_accepted") == [
        (1, 4, None), (3, 0, -4),
    ]  # fmt: skip


def test_a_day_that_lost_all_rows_is_zero(world):
    assert ledger(world, "files", "spend", "change_local") == [(1, 1, None), (2, 0, -1)]
    assert ledger(world, "files", "conversions") == [(1, 1), (2, 0)]


def test_a_load_that_was_rejected_is_told_and_never_current(world):
    flags = ledger(world, "meta_ads", "clicks", "is_accepted", "is_current")
    assert flags == [(1, 6, True, False), (2, 0, False, False), (3, 6, True, True)]


def test_micros_are_told_as_money(world):
    assert ledger(world, "google_ads", "spend", "value") == [(4, 1.5, 1.5)]


def test_claims_are_those_that_are_declared_and_unknown_before_they_were_summed_up(world):
    assert ledger(world, "google_ads", "conversions") == [(2, 3)]
    assert ledger(world, "google_ads", "conversions_value") == [(2, 30)]
    assert ledger(world, "meta_ads", "conversions") == [(3, 2)]


def test_orders_are_told_of_by_their_day(world):
    """A refund takes from the day of its order, an order that moves leaves its day, a test order is none."""
    revenue = [(1, 150), (2, 120), (3, 70), (2, 80), (3, 130), (4, 20)]
    assert ledger(world, "shopify", "net_revenue") == revenue
    assert ledger(world, "shopify", "orders") == [(1, 2), (3, 1), (2, 1), (3, 2), (4, 1)]


def test_a_credit_note_takes_revenue_and_is_no_order(world):
    assert ledger(world, "files", "net_revenue", "value") == [(1, 25, 31.25)]
    assert ledger(world, "files", "orders", "value") == [(1, 1, 1)]


def test_spend_and_conversions_have_their_own_finality(world):
    assert ledger(world, "meta_ads", "spend", "is_final", more="currency = 'EUR' and is_accepted") == [
        (1, 10, False), (3, 12.5, True),
    ]  # fmt: skip
    assert ledger(world, "google_ads", "spend", "is_final") == [(4, 1.5, False)]
    assert ledger(world, "google_ads", "conversions", "is_final") == [(2, 3, False)]
    assert {row[-1] for row in ledger(world, "shopify", "orders", "is_final")} == {None}


def test_the_example_shows_may_as_it_was_on_the_15th(world):
    done = world.dbt("compile", "-s", "revenue_as_it_was", mart_date=D40, kpi_start=D1)
    assert done.returncode == 0, done.stdout
    (compiled,) = world.folder.rglob("compiled/**/revenue_as_it_was.sql")
    with duckdb.connect() as connection:  # compiled names have the file's name in front
        connection.execute(f"attach '{world.path}' as mart (read_only)")
        rows = connection.execute(compiled.read_text() + " order by date_day").fetchall()
    assert [(str(day), then, now) for day, then, now in rows] == [
        (D1, 1.25 * (120 + 25), 1.25 * (70 + 25)),
        (D2, 1.25 * 80, 1.25 * 130),
    ]
