"""What the landed rows alone sum up to, and how sums differ."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from oracle.money import worth
from oracle.reading import World

from . import Row, Rows
from .compiled import FIRST, LAST
from .landed import local_day

Sums = dict[tuple, Decimal]


def right(rows: Rows) -> Rows:
    """Without what belongs into quarantine: orders and deals in no currency, deals closed before they began."""
    kept = dict(rows)
    for name in ("shopify__orders", "files__orders"):
        kept[name] = [one for one in rows.get(name, []) if one["currency"]]
    for name in ("hubspot__deals", "files__deals"):
        kept[name] = [
            one
            for one in rows.get(name, [])
            if (one["currency"] or one["amount"] is None)
            and not (one["closed_at"] and one["closed_at"] < one["created_at"])
        ]
    return kept


def google_day(one: Row) -> Row:
    """With its spend in the account's currency."""
    return one | {"source": "google_ads", "spend": Decimal(one["cost_micros"]) / 1_000_000}


def ad_days(rows: Rows) -> list[Row]:
    """What each source states for its accounts, to the mart's day."""
    found = [google_day(one) for one in rows.get("google_ads__account_performance", [])]
    found += [one | {"source": "meta_ads"} for one in rows.get("meta_ads__account_insights", [])]
    return to_last_day(found + [one | {"source": "files"} for one in rows.get("files__ad_performance", [])])


def to_last_day(days: Iterable[Row]) -> list[Row]:
    return [one for one in days if one["date_day"] <= LAST]


def is_order(source: str, one: Row) -> bool:
    if source == "shopify":
        return not one["is_test"] and local_day(one["processed_at"]) <= LAST
    return one["status"] != "test" and local_day(one["ordered_at"]) <= LAST


def orders(rows: Rows) -> list[Row]:
    """Orders and credit notes to the mart's day, also those in no currency."""
    found = []
    for one in rows.get("shopify__orders", []):
        if is_order("shopify", one):
            back = sum((part["amount"] for part in one["refunds"] or []), Decimal(0))
            net = one["gross_amount"] - one["discount_amount"] - back
            found.append({"source": "shopify", "date_day": local_day(one["processed_at"]), "net": net, **_unit(one)})
    for one in rows.get("files__orders", []):
        if is_order("files", one):
            found.append(
                {"source": "files", "date_day": local_day(one["ordered_at"]), "net": one["net_amount"], **_unit(one)}
            )
    return found


def _unit(one: Row) -> Row:
    return {"currency": one["currency"], "orders": 1}


def kpi_days(days: Iterable[Row]) -> list[Row]:
    """Without their currency: what they are worth in one is added up."""
    return [{**one, "currency": None} for one in days if FIRST <= one["date_day"] <= LAST]


def revenue_of_days(world: World, rows: Rows) -> Sums:
    """In reporting currency."""
    found: dict[tuple, Decimal] = defaultdict(Decimal)
    for one in kpi_days(one | {"unit": one["currency"]} for one in orders(rows) if one["currency"]):
        found[one["date_day"], "net"] += worth(world, one["net"], one["unit"], one["date_day"])
    return found


def summed(rows: Iterable[Mapping[str, Any]], measures: tuple[str, ...]) -> Sums:
    """By source, day, currency and measure."""
    found: Sums = Counter()
    for one in rows:
        for measure in measures:
            found[one["source"], one["date_day"], one.get("currency"), measure] += one[measure] or 0
    return found


def unequal(what: str, expected: Sums, told: Sums, within: Decimal = Decimal(0)) -> list[str]:
    """What two sums that should be equal are, by key."""
    keys = sorted(expected.keys() | told.keys(), key=str)
    pairs = [(key, expected.get(key, Decimal(0)), told.get(key, Decimal(0))) for key in keys]
    return [f"{what} {key}: {there}, not {here}" for key, here, there in pairs if abs(here - there) > within]
