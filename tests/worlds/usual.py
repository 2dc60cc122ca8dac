"""Rows as they land, by few words, and an ordinary business of them: every stream of orders, people, visits and ads."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import isqrt
from typing import Any
from zoneinfo import ZoneInfo

from landed_world import STREAMS, typed

from . import Row, Rows
from .compiled import LAST, ZONE

ACCOUNTS = {"us": "USD", "eu": "EUR", "uk": "GBP", "old": "USD", "new": "EUR"}  # account -> its currency
HISTORY = date(2023, 1, 1)
WAYS = {  # source, medium, campaign of a visit
    "paid": ("google", "cpc", "brand"),
    "organic": ("google", "organic", ""),
    "social": ("facebook", "paid_social", "Summer Film"),
    "letter": ("newsletter", "email", "march"),
    "direct": ("", "", ""),
}
STAGES = ("lead", "marketingqualifiedlead", "salesqualifiedlead")


def row(stream: str, **told: Any) -> Row:
    """`stream` as in a world; texts become days, instants and amounts."""
    unknown = set(told) - set(STREAMS[stream].schema.names)
    assert not unknown, f"{stream} has no column {sorted(unknown)}"
    return typed(told, STREAMS[stream].schema)


def instant(text: str) -> datetime:
    """Of a text without offset, which is in UTC."""
    return datetime.fromisoformat(f"{text}+00:00")


def local_day(moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(ZONE)).date()


def order(number: str, at: datetime, amount: str, currency: str | None, **more: Any) -> Row:
    """Of the online shop; one line of two pieces that costs a third."""
    gross = Decimal(amount)
    piece = {
        "unit_price": gross / 2,
        "unit_cost": round(gross / 6, 2),
        "product_id": "lamp",
        "product_name": "Lamp",
        "discount_amount": 0,
    }
    told = {"currency": currency, "gross_amount": gross, "discount_amount": 0, "sales_channel": "web"}
    lines = [{"line_id": f"{number}-1", "quantity": 2, **piece}]
    return row(
        "shopify__orders",
        order_id=number,
        processed_at=at,
        updated_at=at,
        **told | {"lines": lines, "refunds": []} | more,
    )


def refund(number: str, at: datetime, amount: Decimal, pieces: int = 0) -> dict[str, Any]:
    """For the column `refunds` of the shop's order of that number; `pieces` of its line came back."""
    back = [{"line_id": f"{number}-1", "quantity": pieces, "amount": amount}] if pieces else []
    return {"refund_id": f"r-{number}", "refunded_at": at, "amount": amount, "lines": back}


def till(number: str, at: datetime, amount: str, currency: str | None, **more: Any) -> Row:
    """An order of the stores' files; a negative amount is a credit note."""
    return row("files__orders", order_id=number, ordered_at=at, net_amount=amount, currency=currency, **more)


def visit(number: str, at: datetime, way: str, **more: Any) -> Row:
    names = dict(zip(("source", "medium", "campaign"), WAYS[way], strict=True))
    return row(
        "files__sessions", session_id=number, started_at=at, date_day=local_day(at), is_engaged=True, **names, **more
    )


def contact(number: str, at: datetime, stages: int, **more: Any) -> Row:
    """Of HubSpot, in its first `stages` stages, each ten days after the one before it."""
    history = [{"stage": stage, "entered_at": at + timedelta(10 * n)} for n, stage in enumerate(STAGES[:stages])]
    return row(
        "hubspot__contacts", contact_id=number, created_at=at, updated_at=at, lifecycle_history=history,
        **{"merged_ids": []} | more,
    )  # fmt: skip


def deal(number: str, at: datetime, amount: str | None, currency: str | None, **more: Any) -> Row:
    """Of HubSpot; open."""
    told = {"stage": "offer", "stage_history": [{"stage": "offer", "entered_at": at}], "contact_ids": []} | more
    return row("hubspot__deals", deal_id=number, created_at=at, updated_at=at, amount=amount, currency=currency, **told)


def won(at: datetime) -> dict[str, Any]:
    return {"is_closed": True, "is_won": True, "closed_at": at}


def rates(pounds_from: date = HISTORY) -> list[Row]:
    """The dollar's and the pound's against the euro, every fifth day."""
    found = []
    for n in range((LAST - HISTORY).days // 5 + 1):
        day = HISTORY + timedelta(5 * n)
        found.append(_rate(day, "USD", f"{Decimal('1.0371') + n % 7 * Decimal('0.0113')}"))
        if day > pounds_from:
            found.append(_rate(day, "GBP", f"{Decimal('0.8431') + n % 3 * Decimal('0.0207')}"))
    return [*found, _rate(pounds_from, "GBP", "0.8533")]


def _rate(day: date, to: str, worth: str) -> Row:
    return row("files__fx_rates", date_day=day, from_currency="EUR", to_currency=to, rate=worth)


def google(day: date, account: str, campaigns: Iterable[tuple[str, str, str, int]], rest: int = 0) -> Rows:
    """An account's day: campaigns as id, name, type and cents spent, of which their one ad has two thirds (Performance
    Max has no ads); `rest` is what the account spent beside them."""
    common = {"date_day": day, "account_id": account, "account_name": account.upper(), "currency": ACCOUNTS[account]}
    found: Rows = {
        "google_ads__campaign_performance": [],
        "google_ads__ad_performance": [],
        "google_ads__conversions": [],
    }
    for number, name, kind, cents in campaigns:
        campaign = common | {"campaign_id": number, "campaign_name": name}
        typed_campaign = campaign | {"advertising_channel_type": kind}
        claim = {"conversion_action": "1", "conversion_action_category": "PURCHASE", "conversions": "1.5"}
        found["google_ads__campaign_performance"].append(typed_campaign | _spent(cents))
        found["google_ads__conversions"].append(campaign | claim | {"conversions_value": isqrt(cents)})
        if kind == "SEARCH":
            ad = {"ad_group_id": f"g-{number}", "ad_group_name": "Group", "ad_id": f"a-{number}", "ad_name": "Ad"}
            found["google_ads__ad_performance"].append(typed_campaign | ad | _spent(cents * 2 // 3))
    total = sum(one["cost_micros"] for one in found["google_ads__campaign_performance"]) // 10_000
    found["google_ads__account_performance"] = [common | _spent(total + rest)]
    return {name: [row(name, **one) for one in told] for name, told in found.items()}


def _spent(cents: int) -> dict[str, int]:
    # not in proportion to the cost: equal ratios of other sums differ in the last bit, and ranks by it
    return {"cost_micros": cents * 10_000, "impressions": isqrt(cents) * 11, "clicks": isqrt(cents) // 3}


def meta(day: date, account: str, number: str, name: str, spend: str, rest: str = "0") -> Rows:
    """An account's day with one ad, and what the account spent beside it."""
    common = {"date_day": day, "account_id": account, "account_name": account.upper(), "currency": ACCOUNTS[account]}
    ad = {"campaign_id": number, "campaign_name": name, "ad_group_id": f"g-{number}", "ad_id": f"a-{number}"}
    claim = {"action_type": "omni_purchase", "conversions": 2, "value": "30.50"}
    actions = [claim | {"attribution_window": window} for window in ("1d_click", "7d_click")]
    counts = {"impressions": 900, "clicks": 9}
    total = Decimal(spend) + Decimal(rest)
    return {
        "meta_ads__account_insights": [row("meta_ads__account_insights", **common, **counts, spend=total)],
        "meta_ads__ad_insights": [
            row("meta_ads__ad_insights", **common, **ad, **counts, spend=spend, actions=actions, objective="SALES")
        ],
    }


def placard(day: date, account: str, number: str, spend: str, **more: Any) -> Row:
    """A day of a platform that the files tell of, by campaign."""
    told = {"platform": "radio", "account_name": account.upper(), "campaign_name": f"Radio {number}"}
    told |= {"channel": "Paid Other", "ad_group_id": "", "ad_id": ""}
    return row(
        "files__ad_performance", date_day=day, account_id=account, campaign_id=number, spend=spend, impressions=10,
        clicks=1, currency=ACCOUNTS[account], **told | more,
    )  # fmt: skip


def _fair(number: str, at: datetime, **who: str) -> Row:
    return row("files__events", event_id=number, occurred_at=at, date_day=local_day(at), channel="Fair", **who)


def _shown(variant: str, who: str, at: datetime) -> Row:
    return row("files__experiments", experiment="x", variant=variant, person_id=who, exposed_at=at)


def joined(*parts: Rows) -> Rows:
    found: Rows = {}
    for part in parts:
        for name, rows in part.items():
            found[name] = [*found.get(name, []), *rows]
    return found


def usual() -> Rows:
    """Anna buys twice and comes by an ad, Bea is a lead who is won, Carl buys in a store, for pounds."""
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
            "files__events": [_fair("1", instant("2024-03-04T08:00"), customer_id="unknown", email_hash="anna@")],
            "files__experiments": [  # the control's ids are of another system
                _shown(variant, who, instant("2024-03-04T07:00"))
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
