"""Rows as they land, in few words."""

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


def form(number: str, at: datetime, **more: Any) -> Row:
    """A contact of a file; its `source`, `medium` and `campaign` are a touch."""
    return row("files__contacts", contact_id=number, created_at=at, **more)


def fair(number: str, at: datetime, **more: Any) -> Row:
    """An event of a file."""
    told = {"event_name": "fair", "channel": "Fair"} | more
    return row("files__events", event_id=number, occurred_at=at, date_day=local_day(at), **told)


def shown(variant: str, who: str, at: datetime) -> Row:
    """An exposure to the one experiment."""
    return row("files__experiments", experiment="x", variant=variant, person_id=who, exposed_at=at)


def letter(number: str, at: datetime, email: str | None, answers: list[str]) -> list[Row]:
    """What a mail's events tell: that it was sent and delivered, and what its reader did, an hour after one another."""
    found = []
    for n, kind in enumerate(("SENT", "DELIVERED", *sorted(answers))):
        then = at + timedelta(hours=n)
        told = {"date_day": local_day(then), "occurred_at": then, "event_type": kind, "email_hash": email or "nobody@"}
        name = number if kind == "SENT" else f"{number}-{kind}"
        found.append(row("hubspot__email_events", event_id=name, sent_event_id=number, campaign_id="12", **told))
    return found


def joined(*parts: Rows) -> Rows:
    found: Rows = {}
    for part in parts:
        for name, rows in part.items():
            found[name] = [*found.get(name, []), *rows]
    return found
