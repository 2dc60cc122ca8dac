"""The small business of test_models_example: its landed rows, as few as show every rule."""

from pathlib import Path
from typing import Any

import pytest
from built_once import own_copy
from landed_world import LandedWorld, Row

DAYS = ("2025-06-01", "2025-06-02", "2025-06-03")
LAST_YEAR = "2024-06-04"  # 364 days before the third day


def example_world(folder: Path, *, backwards: bool = False) -> LandedWorld:
    """`backwards` lands the rows of every stream in the opposite order."""
    world = LandedWorld(folder)
    for (source, stream), rows in _streams().items():
        world.land(source, stream, reversed(rows) if backwards else rows)
    for load in _loads():
        world.record_load(**load)
    return world


TOLD = {"kpi_start": DAYS[0], "mart_date": DAYS[-1], "stale_sources": {"meta_ads": 'Meta\'s "day" is {{ gone }}'}}


def built_example(factory: pytest.TempPathFactory) -> LandedWorld:
    """A copy of the world built with every dbt test and unit test."""

    def build(folder: Path) -> None:
        example_world(folder).build(**TOLD)

    return LandedWorld(own_copy(factory, "example", build))


def _streams() -> dict[tuple[str, str], list[Row]]:
    return {
        ("files", "fx_rates"): _rates(),
        **_google(),
        **_meta(),
        ("files", "sessions"): _sessions(),
        ("shopify", "orders"): _shop_orders(),
        ("shopify", "customers"): [
            {"customer_id": "anna", "email_hash": "anna@"},
            {"customer_id": "carl", "email_hash": "carl@"},
        ],
        ("shopify", "products"): [{"product_id": "lamp", "product_name": "Lamp", "status": "ACTIVE"}],
        ("files", "orders"): _store_orders(),
        **_crm(),
        ("files", "costs"): [
            {"date_day": DAYS[0], "kind": "agency", "amount": 50, "currency": "EUR"},
            {"date_day": DAYS[1], "kind": "tool", "amount": 10, "currency": "EUR"},
        ],
    }


def _rates() -> list[Row]:
    published = {"2024-06-03": ("1.00", "0.80"), "2025-05-30": ("1.10", "0.88"), "2025-06-02": ("1.20", "0.80")}
    return [
        {"date_day": day, "from_currency": "EUR", "to_currency": currency, "rate": rate}
        for day, rates in published.items()
        for currency, rate in zip(("USD", "GBP"), rates, strict=True)
    ]


def _google() -> dict[tuple[str, str], list[Row]]:
    account = {"account_id": "1", "account_name": "Google US", "currency": "USD"}
    first, second = {"date_day": DAYS[0], **account}, {"date_day": DAYS[1], **account}
    brand = {"campaign_id": "brand", "campaign_name": "Brand Search", "advertising_channel_type": "SEARCH"}
    pmax = {"campaign_id": "pmax", "campaign_name": "All Products", "advertising_channel_type": "PERFORMANCE_MAX"}
    renamed = brand | {"campaign_name": "Brand Search 2025"}
    ad = {"ad_group_id": "g1", "ad_group_name": "Lamps", "ad_id": "ad1", "ad_name": "Lamp ad"}
    purchase = {"conversion_action": "1", "conversion_action_name": "Sale", "conversion_action_category": "PURCHASE"}
    lead = {
        "conversion_action": "2",
        "conversion_action_name": "Form",
        "conversion_action_category": "SUBMIT_LEAD_FORM",
    }
    return {
        ("google_ads", "account_performance"): [
            first | _metrics(1000, 50, 100),
            second | _metrics(200, 10, 30),
        ],
        ("google_ads", "campaign_performance"): [
            first | brand | _metrics(600, 40, 70),
            first | pmax | _metrics(300, 8, 25),
            second | renamed | _metrics(200, 10, 30),
        ],
        ("google_ads", "ad_performance"): [
            first | brand | ad | _metrics(500, 36, 60),
            second | renamed | ad | _metrics(200, 10, 30),
        ],
        ("google_ads", "conversions"): [
            {**first, "campaign_id": "brand", **purchase, "conversions": 2, "conversions_value": 200},
            {**first, "campaign_id": "brand", **lead, "conversions": 5, "conversions_value": 0},
        ],
    }


def _metrics(impressions: int, clicks: int, cost: int) -> dict[str, Any]:
    return {"impressions": impressions, "clicks": clicks, "cost_micros": cost * 1_000_000}


def _meta() -> dict[tuple[str, str], list[Row]]:
    account = {"date_day": DAYS[1], "account_id": "act_1", "account_name": "Meta UK", "currency": "GBP"}
    metrics = {"impressions": 1000, "clicks": 20, "spend": 40}
    ad = {
        "campaign_id": "summer",
        "campaign_name": "Summer",
        "objective": "OUTCOME_SALES",
        "ad_group_id": "set",
        "ad_group_name": "Set",
        "ad_id": "ad9",
        "ad_name": "Film",
    }
    actions = [
        {"action_type": "omni_purchase", "attribution_window": "7d_click", "conversions": 3, "value": 120},
        {"action_type": "omni_purchase", "attribution_window": "1d_click", "conversions": 2, "value": 80},
        {"action_type": "purchase", "attribution_window": "7d_click", "conversions": 3, "value": 120},
    ]
    return {
        ("meta_ads", "account_insights"): [account | metrics],
        ("meta_ads", "ad_insights"): [account | ad | metrics | {"actions": actions}],
    }


def _sessions() -> list[Row]:
    visits = [
        ("s1", "2025-05-20T10:00", "anna", None, "google", "cpc", "brand_search", True),
        ("s2", "2025-06-01T09:00", "anna", None, "", "", "", True),
        ("s3", "2025-06-01T12:00", None, None, "google", "organic", "", True),
        ("s4", "2025-06-02T08:00", None, "bea@", "facebook", "paid_social", "summer", True),
        ("s5", "2025-06-02T09:00", None, "carl@", "", "", "", True),
        ("s6", "2025-06-03T10:00", "anna", None, "newsletter", "email", "june", True),
        ("s7", "2025-06-03T23:30", None, None, "", "", "", False),
    ]
    names = ("session_id", "started_at", "customer_id", "email_hash", "source", "medium", "campaign", "is_engaged")
    rows = [dict(zip(names, visit, strict=True)) for visit in visits]
    return [row | {"started_at": f"{row['started_at']}+00:00", "date_day": row["started_at"][:10]} for row in rows]


def _shop_orders() -> list[Row]:
    return [
        _shop_order("o1", "2025-06-01T10:00", "anna", "anna@", (2, 50, 10, 20)),
        _shop_order("o2", "2025-06-02T10:00", None, "bea@", (1, 50, 0, None)),
        _shop_order("o3", "2025-06-02T12:00", "carl", "carl@", (1, 40, 0, None), returned=(1, 40))
        | {"cancelled_at": "2025-06-02T13:00+00:00"},
        _shop_order("o4", "2025-06-03T11:00", "anna", "anna@", (4, 50, 0, 10), returned=(1, 50)),
        _shop_order("o5", "2025-06-03T11:30", "anna", "anna@", (1, 999, 0, 1)) | {"is_test": True},
        _shop_order("o6", "2025-06-03T12:00", None, None, (1, 10, 0, 2)),
        _shop_order("o7", "2025-06-04T00:00", "anna", "anna@", (1, 77, 0, 2)),  # after the mart's day
    ]


def _shop_order(
    order_id: str,
    at: str,
    customer: str | None,
    email: str | None,
    line: tuple[int, int, int, int | None],  # quantity, unit price, discount, unit cost
    returned: tuple[int, int] | None = None,  # quantity, amount
) -> Row:
    quantity, price, discount, cost = line
    refunds = []
    if returned:
        back = {"line_id": "l1", "quantity": returned[0], "amount": returned[1]}
        refunds = [{"refund_id": f"r-{order_id}", "refunded_at": f"{at}+00:00", "amount": returned[1], "lines": [back]}]
    lines = [
        {
            "line_id": "l1",
            "product_id": "lamp",
            "product_name": "Lamp",
            "quantity": quantity,
            "unit_price": price,
            "discount_amount": discount,
            "unit_cost": cost,
        }
    ]
    return {
        "order_id": order_id,
        "processed_at": f"{at}+00:00",
        "currency": "EUR",
        "customer_id": customer,
        "email_hash": email,
        "sales_channel": "web",
        "gross_amount": quantity * price,
        "discount_amount": discount,
        "lines": lines,
        "refunds": refunds,
    }


def _store_orders() -> list[Row]:
    return [
        {
            "order_id": "f1",
            "ordered_at": "2025-06-02T15:00+00:00",
            "customer_id": "carl",
            "net_amount": 20,
            "currency": "GBP",
            "cost_amount": 8,
            "store_id": "leeds",
        },
        {
            "order_id": "f2",
            "ordered_at": "2025-06-03T09:00+00:00",
            "customer_id": "anna",
            "net_amount": -5,
            "currency": "GBP",
        },
        {
            "order_id": "f3",
            "ordered_at": f"{LAST_YEAR}T09:00+00:00",
            "customer_id": "dora",
            "net_amount": 100,
            "currency": "GBP",
        },
    ]


def _crm() -> dict[tuple[str, str], list[Row]]:
    return {
        ("hubspot", "contacts"): [
            _contact("k0", "2025-06-01T08:00", "old@", [("lead", "2025-06-01T08:00")]),  # as before it was merged
            _contact(
                "k1",
                "2025-06-02T08:30",
                "bea@",
                [("lead", "2025-06-02T08:30"), ("marketingqualifiedlead", "2025-06-03T07:00")],
            )
            | {"merged_ids": ["k0"]},
            _contact(
                "k2",
                "2025-06-01T00:10",
                "eve@",
                [
                    ("lead", "2025-06-01T00:10"),
                    ("salesqualifiedlead", "2025-06-03T07:00"),
                    ("lead", "2025-06-03T08:00"),  # back again: the first entry counts
                ],
            ),
        ],
        ("hubspot", "deals"): [
            {
                "deal_id": "d1",
                "created_at": "2025-06-02T09:00+00:00",
                "closed_at": "2025-06-03T09:00+00:00",
                "is_closed": True,
                "is_won": True,
                "amount": 1000,
                "currency": "USD",
                "contact_ids": ["k0"],
            },
            {"deal_id": "d2", "created_at": "2025-06-03T09:00+00:00", "amount": 500, "currency": "EUR"},
        ],
    }


def _contact(contact_id: str, at: str, email: str, stages: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "contact_id": contact_id,
        "created_at": f"{at}+00:00",
        "email_hash": email,
        "lifecycle_history": [{"stage": stage, "entered_at": f"{entered}+00:00"} for stage, entered in stages],
    }


def _loads() -> list[Row]:
    ads = {"source": "meta_ads", "stream": "ad_insights", "kind": "report", "version": 1, "expected_lag_hours": 12}
    early, late = {"loaded_at": "2025-06-03T06:00+00:00"}, {"loaded_at": "2025-06-04T06:00+00:00"}
    return [
        ads | early | {"day": DAYS[0], "rows": 9, "totals": '{"spend": "7.00"}'},
        ads | late | {"day": DAYS[0], "rows": 1, "totals": '{"spend": "0.50", "clicks": "10"}', "version": 2},
        ads | late | {"day": DAYS[1], "rows": 2, "totals": '{"spend": "40.00", "clicks": "20"}'},
        {
            "source": "shopify",
            "stream": "orders",
            "kind": "entity",
            "day": DAYS[2],
            "version": 1,
            "rows": 7,
            "totals": "{}",
            "expected_lag_hours": 24,
            **late,
        },
    ]
