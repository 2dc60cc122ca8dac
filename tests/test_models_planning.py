"""Plans against what happened, and what can't be right: a business of ten weeks, worked out by hand.

Reporting currency USD, zone UTC, KPI days 2025-04-01 to 2025-06-15 (a Sunday). Ads spend 10 USD a day and 5 on Sundays,
all in one campaign of Paid Search, and 90 USD on Paid Social on Thursday 06-12. 1 EUR = 1.10 USD on 06-01, 1.20 later.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from landed_world import LandedWorld, Row

START, END = date(2025, 4, 1), date(2025, 6, 15)
RULES = [
    {"kpi": "spend", "channel": None, "direction": "both", "yellow": 3.5, "red": 6.0, "owner": "ann"},
    {"kpi": "spend", "channel": "Paid Search", "direction": "up", "yellow": 3.5, "red": 6.0, "owner": "bob"},
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> LandedWorld:
    """Built with every dbt test, so that what landed is a fact or in quarantine."""
    world = LandedWorld(tmp_path_factory.mktemp("planning"))
    for (source, stream), rows in {**_right(), **_plans(), **_wrong()}.items():
        world.land(source, stream, rows)
    world.build("--exclude-resource-type", "unit_test", kpi_start=str(START), mart_date=str(END), kpi_rules=RULES)
    return world


def _ad(day: date, channel: str, campaign: str, spend: int) -> Row:
    account = {"platform": "bing", "account_id": "b1", "account_name": "Bing", "currency": "USD"}
    names = {"campaign_id": campaign, "campaign_name": campaign, "channel": channel}
    return {"date_day": day, **account, **names, "impressions": 100, "clicks": 5, "spend": spend}


def _order(order_id: str, day: str, customer: str, amount: int, currency: str | None = "USD") -> Row:
    at = f"{day}T12:00+00:00"
    return {
        "order_id": order_id, "ordered_at": at, "customer_id": customer, "net_amount": amount, "currency": currency,
    }  # fmt: skip


def _right() -> dict[tuple[str, str], list[Row]]:
    days = [START + timedelta(days=number) for number in range((END - START).days + 1)]
    ads = [_ad(day, "Paid Search", "brand", 5 if day.isoweekday() == 7 else 10) for day in days]
    rates = {"2025-05-30": "1.10", "2025-06-02": "1.20", "2025-06-09": "1.20"}
    return {
        ("files", "ad_performance"): [*ads, _ad(date(2025, 6, 12), "Paid Social", "burst", 90)],
        ("files", "fx_rates"): [
            {"date_day": day, "from_currency": "EUR", "to_currency": "USD", "rate": rate} for day, rate in rates.items()
        ],
        ("files", "experiments"): [
            {"experiment": "banner", "variant": variant, "person_id": person, "exposed_at": "2025-06-01T00:00+00:00"}
            for variant, person in (("control", "c1"), ("new", "c2"), ("new", "c3"), ("new", "ghost"))
        ],
    }


def _plans() -> dict[tuple[str, str], list[Row]]:
    june = {"month": "2025-06-01"}
    return {
        ("files", "budgets"): [
            june | {"channel": "Paid Search", "amount": 260, "currency": "EUR"},
            june | {"channel": "Paid Search", "campaign_id": "brand", "amount": 240, "currency": "USD"},
            june | {"channel": "Display", "amount": 100, "currency": "USD"},
            {"month": "2025-07-01", "channel": "Paid Search", "amount": 300, "currency": "EUR"},  # not begun
            june | {"channel": "Podcasts", "amount": 50, "currency": "USD"},
            june | {"channel": "Paid Search", "campaign_id": "brnad", "amount": 50, "currency": "USD"},
        ],
        ("files", "targets"): [
            june | {"kpi": "new_customers", "floor": 2, "target": 4, "stretch": 6},
            june | {"kpi": "cac", "channel": "Paid Search", "floor": 90, "target": 70, "stretch": 60},
            june | {"kpi": "orders", "floor": 9, "target": 5, "stretch": 7},
            {"month": "2025-07-01", "kpi": "orders", "floor": 1, "target": 2, "stretch": 3},  # not begun
        ],
    }


def _wrong() -> dict[tuple[str, str], list[Row]]:
    """Beside rows that are right."""
    created, before = "2025-06-10T12:00+00:00", "2025-06-09T12:00+00:00"
    deal = {"created_at": created, "amount": 1000, "currency": "USD"}
    mail = {"recipients": 10, "delivered": 9, "opens": 4, "clicks": 1}
    claim = {"date_day": "2025-06-12", "account_id": "g", "campaign_id": "c", "conversion_action_category": "PURCHASE"}
    return {
        ("files", "orders"): [
            _order("1", "2025-06-03", "c1", 100),
            _order("2", "2025-06-04", "c2", 50),
            _order("3", "2025-05-04", "c3", 50),
            _order("4", "2025-06-05", "c4", 70, None),
        ],
        ("files", "deals"): [
            deal | {"deal_id": "f1", "stage": "won", "closed_at": created, "is_won": True},
            deal | {"deal_id": "f2", "stage": "won", "closed_at": before, "is_won": True},
        ],
        ("hubspot", "deals"): [
            deal | {"deal_id": "h1", "is_won": False, "is_closed": True, "closed_at": before},
            deal | {"deal_id": "h2", "currency": None},
        ],
        ("files", "email_campaigns"): [
            {"campaign_id": "m1", "campaign_name": "May", "sent_at": "2025-06-02T06:00+00:00", "revenue": 5, **mail},
            {"campaign_id": "m2", "campaign_name": "May", "sent_at": "2025-06-02T06:00+00:00", **mail},
        ],
        ("files", "costs"): [
            {"date_day": "2025-06-02", "kind": "agency", "amount": 10, "currency": "EUR", "channel": "Radio"},
            {"date_day": "2025-06-02", "kind": "fair", "amount": 7},
        ],
        ("google_ads", "conversions"): [
            claim | {"conversion_action": "1", "currency": "USD", "conversions": 2, "conversions_value": 20},
            claim | {"conversion_action": "2", "conversions": 3, "conversions_value": 30},
        ],
    }


def pacing(world: LandedWorld, day: str, channel: str, campaign: str = "(all)") -> dict[str, Any]:
    rows = world.rows(
        f"select * from mart.kpi_budget_pacing"
        f" where date_day = '{day}' and channel = '{channel}' and campaign_id = '{campaign}'"
    )
    assert len(rows) == 1, rows
    return rows[0]


def test_every_row_that_can_not_be_right_is_kept_with_its_reason(world: LandedWorld) -> None:
    rows = world.rows("select source, stream, row_key, reason, amount_local from mart.quarantine order by 2, 3")
    assert [tuple(row.values()) for row in rows] == [
        ("files", "budgets", "2025-06-01|Paid Search|brnad", "unknown_campaign", 50),
        ("files", "budgets", "2025-06-01|Podcasts|", "unknown_channel", 50),
        ("google_ads", "conversions", "2025-06-12|g|c|||2|", "missing_currency", 30),
        ("files", "costs", "2025-06-02|fair||", "missing_currency", 7),
        ("files", "deals", "f2", "won_before_created", 1000),
        ("hubspot", "deals", "h1", "closed_before_created", 1000),
        ("hubspot", "deals", "h2", "missing_currency", 1000),
        ("files", "email_campaigns", "m1|2025-06-02 06:00:00+00", "missing_currency", 5),
        ("files", "orders", "4", "missing_currency", 70),
        ("files", "targets", "2025-06-01|orders|", "bounds_out_of_order", None),
    ]


def test_no_fact_has_what_is_in_quarantine_and_every_other_row_is_there(world: LandedWorld) -> None:
    facts = {
        "fct_orders": ("order_id", ["1", "2", "3"]),
        "fct_deals": ("deal_id", ["f1"]),
        "fct_costs": ("kind", ["agency"]),
        "fct_email_sends": ("campaign_id", ["m2"]),
        "fct_ad_conversions": ("cast(conversions as integer)", [2]),
    }
    for table, (column, kept) in facts.items():
        rows = world.rows(f"select {column} as kept from mart.{table} order by 1")
        assert [row["kept"] for row in rows] == kept, table
    assert world.rows("select * from intermediate.int_missing_rates") == []


def test_the_gate_is_told_how_large_a_share_of_a_stream_is_in_quarantine(world: LandedWorld) -> None:
    rows = world.rows(
        "select source, stream, landed_rows, quarantined_rows, max_quarantined_share"
        " from intermediate.int_quarantine_shares where stream in ('deals', 'budgets') order by stream, source"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("files", "budgets", 6, 2, 0.01), ("files", "deals", 2, 1, 0.01), ("hubspot", "deals", 2, 2, 0.01),
    ]  # fmt: skip


def test_a_row_in_quarantine_can_be_read_again_and_names_nobody(world: LandedWorld) -> None:
    row = world.rows("select row_json from mart.quarantine where stream = 'orders'")[0]["row_json"]
    assert row == (
        '{"order_id":"4","ordered_at":"2025-06-05 12:00:00+00","sales_channel":"offline","net_amount":"70.000000",'
        '"currency":null}'
    )


def test_spend_is_expected_by_the_weekdays_of_the_weeks_before(world: LandedWorld) -> None:
    # A usual week costs 65. June has 5 Sundays and 25 other days: 275 in all; to the 15th 3 and 12, which is 135.
    row = pacing(world, "2025-06-15", "Paid Search")
    assert row["budget"] == 286  # 260 EUR at the rate of the first day
    assert row["spend_to_date"] == 135
    assert float(row["expected_to_date"]) == pytest.approx(286 * 135 / 275, abs=0.001)
    assert row["pace"] == pytest.approx(275 / 286, abs=0.00001)
    assert float(row["forecast"]) == pytest.approx(275, abs=0.001)  # 2 Sundays and 13 other days to come
    assert row["status"] == "green"


def test_a_campaigns_budget_is_paced_by_itself(world: LandedWorld) -> None:
    row = pacing(world, "2025-06-15", "Paid Search", "brand")
    assert (row["budget"], row["spend_to_date"], row["status"]) == (240, 135, "red")
    assert row["variance_ratio"] == pytest.approx(35 / 240, abs=0.00001)


def test_a_budget_without_spend_and_spend_without_a_budget_stay(world: LandedWorld) -> None:
    unused = pacing(world, "2025-06-15", "Display")
    assert (unused["budget"], unused["spend_to_date"], unused["forecast"], unused["status"]) == (100, 0, 0, "green")
    unplanned = pacing(world, "2025-06-15", "Paid Social")
    assert (unplanned["budget"], unplanned["spend_to_date"], unplanned["status"]) == (None, 90, None)
    assert float(unplanned["forecast"]) == pytest.approx(90 + 90 * 15 / 7, abs=0.001)


def test_the_first_month_is_expected_evenly_and_run_rates_need_no_full_week(world: LandedWorld) -> None:
    # Nothing is known of the weeks before April, so each of its 30 days weighs the same; on the 2nd two days of 10 make
    # a week of 70, and there are 4 to come.
    row = pacing(world, "2025-04-02", "Paid Search")
    assert (row["budget"], row["spend_to_date"], row["forecast"]) == (None, 20, 300)


def test_months_that_have_not_begun_are_neither_paced_nor_measured(world: LandedWorld) -> None:
    for table in ("kpi_budget_pacing", "kpi_targets"):
        newest = world.rows(f"select max(month) as month, max(date_day) as day from mart.{table}")
        assert newest == [{"month": date(2025, 6, 1), "day": END}]


def test_targets_are_measured_by_the_sums_of_the_month(world: LandedWorld) -> None:
    # c1 and c2 first ordered in June (c3 in May); nobody saw how they came, so Paid Search has no customer to divide
    # its spend by.
    rows = world.rows(
        "select kpi, channel, actual, attainment, status, is_month_to_date from mart.kpi_targets order by kpi"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("cac", "Paid Search", None, None, None, True),
        ("new_customers", "(all)", 2, 0.5, "floor", True),
    ]


def test_a_spree_is_red_and_the_same_weekdays_before_are_the_measure(world: LandedWorld) -> None:
    rows = world.rows("select * from mart.kpi_alerts where kind = 'kpi' and severity <> 'green' order by date_day")
    assert [(row["date_day"], row["rule"], row["severity"], row["owner"]) for row in rows] == [
        (date(2025, 6, 12), "spend", "red", "ann")
    ]
    (row,) = rows
    assert (row["value"], row["expected"], row["low"], row["high"]) == (100, 10, 8.25, 11.75)  # at least 5 % are usual
    assert row["history_days"] == 8
    sunday = world.rows("select expected from mart.kpi_alerts where rule = 'spend' and date_day = '2025-06-15'")
    assert sunday == [{"expected": 5}]


def test_a_budget_that_will_not_hold_is_an_alert(world: LandedWorld) -> None:
    rows = world.rows(
        "select rule, severity, expected, owner from mart.kpi_alerts"
        f" where kind = 'budget' and date_day = '{END}' order by rule"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("budget: Display", "green", 100, "data-team"),
        ("budget: Paid Search", "green", 286, "data-team"),
        ("budget: Paid Search / brand", "red", 240, "data-team"),
    ]


def test_an_experiment_counts_who_is_known_and_what_followed(world: LandedWorld) -> None:
    rows = world.rows(
        "select variant, metric, exposures, conversions, rate, uplift, unmatched_ids, is_complete"
        " from mart.kpi_experiment where metric <> 'lead_rate' order by metric, variant"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("control", "order_rate", 1, 1, 1.0, None, 0, False),
        ("new", "order_rate", 2, 1, 0.5, -0.5, 1, False),
        ("control", "revenue_per_person", 1, 1, 100.0, None, 0, False),
        ("new", "revenue_per_person", 2, 1, 25.0, -0.75, 1, False),
    ]


def test_a_channel_that_was_paid_for_or_configured_exists(world: LandedWorld) -> None:
    assert world.rows("select is_built_in from mart.dim_channel where channel = 'Radio'") == [{"is_built_in": False}]


def test_sums_are_decimals(world: LandedWorld) -> None:
    assert isinstance(pacing(world, "2025-06-15", "Paid Search")["forecast"], Decimal)
