"""An ordinary business, small, with what was once modelled wrongly."""

from datetime import date

from . import Rows
from .landed import (
    contact,
    deal,
    fair,
    form,
    google,
    instant,
    joined,
    letter,
    meta,
    order,
    placard,
    rates,
    row,
    shown,
    till,
    visit,
    won,
)


def usual() -> Rows:
    """Anna buys twice after all kinds of touches, Bea is a lead who is won, Carl buys in a store, for pounds."""
    monday, tuesday = date(2024, 3, 4), date(2024, 3, 5)
    brand, everything = ("c1", "Brand", "SEARCH", 3001), ("c2", "Everything", "PERFORMANCE_MAX", 1250)
    return joined(
        google(monday, "us", [brand, everything], rest=333),
        google(tuesday, "us", [brand]),
        meta(tuesday, "eu", "m1", "Summer Film", "45.67", rest="1.11"),
        {
            "files__fx_rates": rates(),
            "files__ad_performance": [placard(monday, "uk", "r1", "77.70"), placard(tuesday, "uk", "r1", "7.07")],
            "shopify__customers": [row("shopify__customers", customer_id="anna", email_hash="anna@")],
            "shopify__orders": [
                order("1", instant("2024-03-05T10:00"), "59.98", "EUR", customer_id="anna", email_hash="anna@"),
                order("2", instant("2024-03-20T10:00"), "20.02", "USD", customer_id="anna"),
                order("3", instant("2024-03-20T11:00"), "10.00", "USD", is_test=True),
            ],
            "files__orders": [
                till("4", instant("2024-03-04T15:00"), "120.00", "GBP", phone_hash="+carl", cost_amount="50"),
                till("5", instant("2024-03-06T15:00"), "-20.00", "GBP", phone_hash="+carl"),
                till("6", instant("2023-03-06T15:00"), "33.33", "EUR", email_hash="old@"),
                till("7", instant("2024-03-06T16:00"), "8.00", None),  # in no currency: quarantine
            ],
            "files__sessions": [
                visit("0", instant("2024-03-02T09:00"), "organic", customer_id="anna"),
                visit("0 too", instant("2024-03-02T09:00"), "social", customer_id="anna"),  # at the same instant
                visit("1", instant("2024-03-04T09:00"), "paid", customer_id="anna", visitor_id="v1"),
                visit("2", instant("2024-03-05T09:00"), "direct", visitor_id="v1"),
                visit("3", instant("2024-03-18T09:00"), "social", email_hash="anna@"),
                visit("4", instant("2024-03-01T09:00"), "organic", email_hash="bea@"),
            ],
            "hubspot__contacts": [
                contact("bea", instant("2024-03-02T09:00"), 3, email_hash="bea@"),
                contact("dan", instant("2024-03-02T10:00"), 1, email_hash="dan@"),
            ],
            "hubspot__deals": [
                deal("1", instant("2024-03-12T09:00"), "1000", "EUR", contact_ids=["bea"])
                | won(instant("2024-03-28T09:00")),
                deal("2", instant("2024-03-13T09:00"), "500", "USD", contact_ids=["dan"]),
                deal("3", instant("2024-03-14T09:00"), None, None) | won(instant("2024-03-15T09:00")),
            ],
            "files__contacts": [form("1", instant("2024-03-03T10:00"), source="fair", email_hash="anna@")],
            "hubspot__email_events": letter("1", instant("2024-03-03T07:00"), "anna@", ["CLICK", "OPEN"]),
            "files__events": [fair("1", instant("2024-03-04T08:00"), customer_id="unknown", email_hash="anna@")],
            "files__experiments": [  # the control's ids are of another system
                shown(variant, who, instant("2024-03-04T07:00"))
                for variant, who in (("control", "zoe"), ("control", "ina"), ("shorter", "anna"))
            ],
            "files__costs": [row("files__costs", date_day=monday, kind="agency", amount=50, currency="EUR")],
            "files__budgets": [
                row("files__budgets", month="2024-03-01", channel="Paid Search", amount=500, currency="USD"),
            ],
            "files__targets": [
                row("files__targets", month="2024-03-01", kpi="net_revenue", floor=100, target=200, stretch=300),
            ],
        },
    )  # fmt: skip
