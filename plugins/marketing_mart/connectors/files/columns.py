"""What each file holds: its columns, in which a value must stand, and which values can't be right."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from marketing_mart.streams import Stream

Kind = Literal[
    "text", "url", "count", "amount", "number", "rate", "day", "month", "instant", "flag", "currency", "email", "phone"
]  # amount: money in the row's `currency`; number: any other decimal


@dataclass(frozen=True)
class Column:
    """A column of a file. `required`: it must be there, with a value in every row. Bounds include their ends."""

    kind: Kind
    required: bool = False
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    above: Decimal | None = None


_ZERO = Decimal(0)
TEXT, URL, FLAG, EMAIL, PHONE = Column("text"), Column("url"), Column("flag"), Column("email"), Column("phone")
DAY, MONTH, INSTANT, CURRENCY = Column("day"), Column("month"), Column("instant"), Column("currency")
COUNT = Column("count", at_least=_ZERO)
AMOUNT = Column("amount")  # of either sign: credit notes, corrections
GROSS = Column("amount", at_least=_ZERO)
NUMBER = Column("number")
POSITIVE = Column("rate", above=_ZERO)
SHARE = Column("rate", at_least=_ZERO, at_most=Decimal(1))


def _file(*, required: Mapping[str, Column], optional: Mapping[str, Column] | None = None) -> dict[str, Column]:
    return {name: replace(column, required=True) for name, column in required.items()} | dict(optional or {})


COLUMNS: dict[str, dict[str, Column]] = {
    "ad_performance": _file(
        required={
            "date_day": DAY, "platform": TEXT, "account_id": TEXT, "account_name": TEXT, "campaign_id": TEXT,
            "campaign_name": TEXT, "currency": CURRENCY, "impressions": COUNT, "clicks": COUNT, "spend": GROSS,
        },
        optional={
            "channel": TEXT, "ad_group_id": TEXT, "ad_group_name": TEXT, "ad_id": TEXT, "ad_name": TEXT,
            "conversions": replace(NUMBER, at_least=_ZERO), "conversions_value": GROSS,
        },
    ),
    "sessions": _file(
        required={"session_id": TEXT, "visitor_id": TEXT, "started_at": INSTANT},
        optional={
            "customer_id": TEXT, "email": EMAIL, "source": TEXT, "medium": TEXT, "campaign": TEXT, "content": TEXT,
            "term": TEXT, "click_id": TEXT, "landing_url": URL, "referrer": URL, "pageviews": COUNT,
            "is_engaged": FLAG,
        },
    ),
    "orders": _file(
        required={"order_id": TEXT, "ordered_at": INSTANT, "currency": CURRENCY, "net_amount": AMOUNT},
        optional={
            "customer_id": TEXT, "email": EMAIL, "phone": PHONE, "gross_amount": GROSS, "discount_amount": GROSS,
            "refund_amount": GROSS, "shipping_amount": AMOUNT, "tax_amount": AMOUNT, "cost_amount": AMOUNT,
            "status": TEXT, "sales_channel": TEXT, "store_id": TEXT, "coupon_code": TEXT,
        },
    ),
    "order_lines": _file(
        required={
            "order_id": TEXT, "line_id": TEXT, "product_id": TEXT, "quantity": NUMBER, "unit_price": AMOUNT,
        },
        optional={"product_name": TEXT, "category": TEXT, "discount_amount": GROSS, "unit_cost": AMOUNT},
    ),
    "contacts": _file(
        required={"contact_id": TEXT, "created_at": INSTANT},
        optional={
            "email": EMAIL, "phone": PHONE, "lifecycle_stage": TEXT, "lead_at": INSTANT, "mql_at": INSTANT,
            "sql_at": INSTANT, "source": TEXT, "medium": TEXT, "campaign": TEXT,
        },
    ),
    "deals": _file(
        required={"deal_id": TEXT, "created_at": INSTANT, "stage": TEXT, "amount": AMOUNT, "currency": CURRENCY},
        optional={"contact_id": TEXT, "closed_at": INSTANT, "is_won": FLAG},
    ),
    "email_campaigns": _file(
        required={
            "campaign_id": TEXT, "campaign_name": TEXT, "sent_at": INSTANT, "recipients": COUNT, "delivered": COUNT,
            "opens": COUNT, "clicks": COUNT,
        },
        optional={
            "bounces": COUNT, "unsubscribes": COUNT, "complaints": COUNT, "revenue": GROSS, "currency": CURRENCY,
        },
    ),
    "events": _file(
        required={"event_id": TEXT, "occurred_at": INSTANT, "event_name": TEXT},
        optional={"customer_id": TEXT, "email": EMAIL, "channel": TEXT, "campaign": TEXT},
    ),
    "experiments": _file(
        required={"experiment": TEXT, "variant": TEXT, "person_id": TEXT, "exposed_at": INSTANT},
    ),
    "promotions": _file(
        required={"promotion_id": TEXT, "product_id": TEXT, "starts_on": DAY, "ends_on": DAY},
        optional={"discount_rate": SHARE},
    ),
    "costs": _file(
        required={"date_day": DAY, "kind": TEXT, "amount": AMOUNT, "currency": CURRENCY},
        optional={"channel": TEXT, "campaign": TEXT},
    ),
    "budgets": _file(
        required={"month": MONTH, "channel": TEXT, "amount": GROSS, "currency": CURRENCY},
        optional={"campaign_id": TEXT},
    ),
    "targets": _file(
        required={"month": MONTH, "kpi": TEXT, "floor": NUMBER, "target": NUMBER, "stretch": NUMBER},
        optional={"channel": TEXT},
    ),
    "fx_rates": _file(
        required={"date_day": DAY, "from_currency": CURRENCY, "to_currency": CURRENCY, "rate": POSITIVE},
    ),
}  # fmt: skip

HASHED = {"email": "email_hash", "phone": "phone_hash"}  # column of a file -> landed column
DAY_OF = {"sessions": "started_at", "events": "occurred_at"}  # stream -> the instant whose reporting day is date_day


def landed_name(column: str) -> str:
    """What a file's column is called where it landed."""
    return HASHED.get(column, column)


def optional_keys(stream: Stream) -> set[str]:
    """Key columns that a file may leave out; they land as '' then."""
    return {name for name in stream.key if name in COLUMNS[stream.name] and not COLUMNS[stream.name][name].required}
