"""Currencies over a holiday, a hierarchy that is renamed and moved, and links that name campaigns or don't.

Reporting currency USD, zone UTC, KPI days Friday 2025-05-30 to Saturday 06-07. Rates are published against EUR: on
05-30 1.10 USD and 0.88 GBP, then a long holiday, in which only SEK appears, on 06-03, at 10 for 1 EUR.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from landed_world import LandedWorld, Row

FRIDAY, SATURDAY, MONDAY, TUESDAY, NEXT_FRIDAY, NEXT_SATURDAY = (
    "2025-05-30", "2025-05-31", "2025-06-02", "2025-06-03", "2025-06-06", "2025-06-07",
)  # fmt: skip
HISTORY = ("--select", "+dim_campaign", "--exclude-resource-type", "test", "unit_test")
WHOLE = ("--exclude-resource-type", "unit_test")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> LandedWorld:
    """Built when the first days had come, and again when all had: the later ones land in the opposite order."""
    folder = tmp_path_factory.mktemp("audit")
    world = LandedWorld(folder / "world")
    rates = {FRIDAY: (("USD", "1.10"), ("GBP", "0.88")), TUESDAY: (("SEK", "10"),)}
    for day, published in rates.items():
        for currency, rate in published:
            world.land(
                "files", "fx_rates",
                [{"date_day": day, "from_currency": "EUR", "to_currency": currency, "rate": rate}],
            )  # fmt: skip
    world.land("files", "orders", _orders())
    world.land("files", "sessions", _sessions())
    world.land("files", "ad_performance", [row for row in _ads() if row["date_day"] <= MONDAY])
    world.build(*HISTORY, kpi_start=FRIDAY, mart_date=MONDAY)
    later = LandedWorld(folder / "later")
    later.land("files", "ad_performance", [row for row in reversed(_ads()) if row["date_day"] > MONDAY])
    later.create()
    world.rows(
        f"attach '{later.path}' as later;"
        " insert into landed.files__ad_performance from later.landed.files__ad_performance"
    )
    world.build(*WHOLE, kpi_start=FRIDAY, mart_date=NEXT_SATURDAY, max_unmapped_share=0.5)
    return world


def _orders() -> list[Row]:
    orders = [
        ("friday", FRIDAY, "GBP"), ("weekend", SATURDAY, "GBP"), ("seventh", NEXT_FRIDAY, "GBP"),
        ("eighth", NEXT_SATURDAY, "GBP"), ("unheard", MONDAY, "SEK"), ("late", TUESDAY, "SEK"), ("ours", MONDAY, "USD"),
    ]  # fmt: skip
    amounts = {"net_amount": 100, "cost_amount": 40}
    return [
        {"order_id": name, "ordered_at": f"{day}T12:00+00:00", "currency": currency} | amounts
        for name, day, currency in orders
    ]


# campaign, name, account, its name, ad group, ad
_BEFORE = ("c1", "Summer", "uk", "UK", "g1", "a1")
_RENAMED = ("c1", "Summer Sale", "uk", "UK Ltd", "g1", "a1")
_ELSEWHERE = ("c1", "Summer Sale", "eu", "EU", "g1", "a1")
_GROUP_1 = ("c2", "Always On", "uk", "UK", "g7", "a7")
_GROUP_2 = ("c2", "Always On", "uk", "UK", "g8", "a7")
_WITHOUT_ADS = ("c3", "Everything", "uk", "UK", None, None)


def _ads() -> list[Row]:
    days = {
        FRIDAY: (_BEFORE, _GROUP_1, _WITHOUT_ADS),
        MONDAY: (_RENAMED, _GROUP_1, _WITHOUT_ADS),
        TUESDAY: (_RENAMED, _ELSEWHERE, _GROUP_2, _WITHOUT_ADS),
        NEXT_FRIDAY: (_ELSEWHERE, _GROUP_2, _WITHOUT_ADS),
    }
    return [_ad(day, place) for day, places in days.items() for place in places]


def _ad(day: str, place: tuple[Any, ...]) -> Row:
    names = ("campaign_id", "campaign_name", "account_id", "account_name", "ad_group_id", "ad_id")
    numbers = {"impressions": 100, "clicks": 10, "spend": 8, "conversions": 2, "conversions_value": 80}
    return dict(zip(names, place, strict=True)) | {"date_day": day, "platform": "x_ads", "currency": "GBP"} | numbers


def _sessions() -> list[Row]:
    visits = [
        (FRIDAY, "twitter", "Summer"), (FRIDAY, "twitter", "always-on"), (MONDAY, "twitter", "summer"),
        (NEXT_FRIDAY, "twitter", "Summer Sale"), (NEXT_FRIDAY, "twitter", "Sumer"), (NEXT_FRIDAY, "twitter", ""),
        (NEXT_FRIDAY, "x.com", "Summer"),  # no social network to Google Analytics, so Paid Other
    ]  # fmt: skip
    return [
        {"session_id": str(number), "started_at": f"{day}T09:00+00:00", "date_day": day, "source": source,
         "medium": "paid_social", "campaign": campaign}
        for number, (day, source, campaign) in enumerate(visits)
    ]  # fmt: skip


def test_a_rate_lasts_a_weekend_and_a_week_and_no_longer(world: LandedWorld) -> None:
    orders = world.rows("select order_id, fx_rate, fx_rate_day, net_amount, cost_amount from mart.fct_orders")
    friday = date.fromisoformat(FRIDAY)
    assert {row["order_id"]: tuple(row.values())[1:] for row in orders} == {
        "friday": (1.25, friday, 125, 50),
        "weekend": (1.25, friday, 125, 50),
        "seventh": (1.25, friday, 125, 50),
        "eighth": (None, None, None, None),  # the holiday outlasts the rate
        "unheard": (None, None, None, None),  # no rate of SEK was ever published until the day after
        "late": (Decimal("0.11"), friday, 11, Decimal("4.4")),  # SEK to USD through EUR; the older leg's day
        "ours": (1, date.fromisoformat(MONDAY), 100, 40),
    }
    missing = world.rows("select entity, currency, date_day from intermediate.int_missing_rates order by currency")
    assert [tuple(row.values()) for row in missing] == [
        ("orders", "GBP", date.fromisoformat(NEXT_SATURDAY)),
        ("orders", "SEK", date.fromisoformat(MONDAY)),
    ]


def test_spend_and_claimed_value_of_a_day_are_converted_by_one_rate(world: LandedWorld) -> None:
    rates = world.rows(
        "select date_day, fx_rate from mart.fct_ad_performance"
        " union select date_day, fx_rate from mart.fct_ad_conversions union"
        " select date_day, fx_rate from mart.fct_orders where currency = 'GBP' and fx_rate is not null"
    )
    assert len(rates) == len({row["date_day"] for row in rates}) == 5
    claims = world.rows(f"select * from mart.kpi_claims_daily where date_day = '{FRIDAY}'")
    assert [(row["spend"], row["claimed_value"], row["roas_platform"]) for row in claims] == [(30, 300, 10)]


def test_renames_and_moves_keep_their_history(world: LandedWorld) -> None:
    rows = world.rows(
        "select account_id, account_name, campaign_name, ad_group_id, ad_id, cast(valid_from as varchar) as first,"
        " cast(valid_to as varchar) as last, is_current from mart.dim_campaign"
        " order by campaign_id, valid_from, account_id desc"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("uk", "UK", "Summer", "g1", "a1", FRIDAY, "2025-06-01", False),
        ("uk", "UK Ltd", "Summer Sale", "g1", "a1", MONDAY, TUESDAY, False),  # moved; both ran on Tuesday
        ("eu", "EU", "Summer Sale", "g1", "a1", TUESDAY, None, True),
        ("uk", "UK", "Always On", "g7", "a7", FRIDAY, MONDAY, False),
        ("uk", "UK", "Always On", "g8", "a7", TUESDAY, None, True),
        ("uk", "UK", "Everything", "(unallocated)", "(unallocated)", FRIDAY, None, True),
    ]


def test_links_are_matched_with_the_campaign_of_their_day(world: LandedWorld) -> None:
    found = world.rows(
        "select cast(date_day as varchar) as day, finding, account_id, campaign_id, utm_campaign, sessions, clicks"
        " from mart.kpi_utm_audit order by 1, 2, 4, 5"
    )
    assert [tuple(row.values()) for row in found] == [
        (FRIDAY, "naming_deviation", "uk", "c2", "always-on", 1, None),
        (FRIDAY, "spend_without_sessions", "uk", "c3", "", 0, 10),
        (MONDAY, "naming_deviation", "uk", "c1", "summer", 1, None),
        (MONDAY, "spend_without_sessions", "uk", "c3", "", 0, 10),
        (NEXT_FRIDAY, "no_campaign", "(none)", "(none)", "", 1, None),
        (NEXT_FRIDAY, "other_channel", "(none)", "(none)", "Summer", 1, None),
        # c2's one visit is 7 days ago; `Summer Sale` is the other account's since Tuesday
        (NEXT_FRIDAY, "spend_without_sessions", "uk", "c2", "", 0, 10),
        (NEXT_FRIDAY, "spend_without_sessions", "uk", "c3", "", 0, 10),
        (NEXT_FRIDAY, "unknown_campaign", "(none)", "(none)", "Sumer", 1, None),
    ]
    last = world.rows(f"select * from mart.kpi_utm_share where date_day = '{NEXT_SATURDAY}'")
    assert [(row["paid_sessions_28d"], row["unmapped_sessions_28d"], row["unmapped_share_28d"]) for row in last] == [
        (7, 3, 3 / 7)
    ]
    of_campaign = "select account_id, sum(sessions) as sessions from mart.kpi_campaign_daily where campaign_id = 'c1'"
    assert [tuple(row.values()) for row in world.rows(f"{of_campaign} group by account_id order by account_id")] == [
        ("eu", 1), ("uk", 2),
    ]  # fmt: skip


def test_brand_search_has_no_row_where_no_search_term_landed(world: LandedWorld) -> None:
    assert world.rows("select * from mart.kpi_brand_search") == []
