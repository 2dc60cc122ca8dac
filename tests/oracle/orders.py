"""Orders and credit notes up to the mart's day, with what their goods cost."""

from decimal import Decimal

from . import people
from .money import NOUGHT, total, worth
from .reading import Row, World, grouped, once


@once
def orders(world: World) -> list[Row]:
    """Oldest first; `is_first` for a person's first order that is neither cancelled nor a credit note."""
    found = [_shop_order(row) for row in world["shopify/orders"] if not row["is_test"]]
    lines = grouped(world["files/order_lines"], "order_id")
    found += [_file_order(row, lines.get((row["order_id"],), [])) for row in world["files/orders"]]
    found = [row for row in found if row and world.asked.day(row["ordered_at"]) <= world.asked.last]
    found.sort(key=lambda row: (row["ordered_at"], row["source"], row["order_id"]))
    known: set[str] = set()
    for row in found:
        row["date_day"] = world.asked.day(row["ordered_at"])
        row["person"] = people.person_of_order(world, row["source"], row["landed"])
        row["net"] = worth(world, row["net_local"], row["currency"], row["date_day"])
        row["cost"] = worth(world, row["cost_local"], row["currency"], row["date_day"])
        kept = row["net_local"] - (row["cost_local"] or NOUGHT)  # revenue stands in where the cost is unknown
        row["margin"] = worth(world, kept, row["currency"], row["date_day"])
        counts = not row["is_cancelled"] and not row["is_credit_note"]
        row["is_first"] = counts and row["person"] not in known
        if counts:
            known.add(row["person"])
    return found


def _shop_order(row: Row) -> Row:
    refunds = row["refunds"] or []
    back: dict[str, int] = {}
    for refund in refunds:
        for line in refund["lines"] or []:
            back[line["line_id"]] = back.get(line["line_id"], 0) + line["quantity"]
    costs = [cost_of(line["unit_cost"], line["quantity"] - back.get(line["line_id"], 0)) for line in row["lines"] or []]
    refunded = total(refund["amount"] for refund in refunds)
    return {
        "source": "shopify", "order_id": row["order_id"], "ordered_at": row["processed_at"], "landed": row,
        "is_cancelled": row["cancelled_at"] is not None, "is_credit_note": False, "currency": row["currency"],
        "gross_local": row["gross_amount"], "discount_local": row["discount_amount"], "refund_local": refunded,
        "net_local": row["gross_amount"] - row["discount_amount"] - refunded,
        "cost_local": _sum_if_known(costs), "sales_channel": row["sales_channel"],
    }  # fmt: skip


def _file_order(row: Row, lines: list[Row]) -> Row | None:
    status = (row["status"] or "").lower()
    if status == "test":
        return None
    cost = row["cost_amount"]
    if cost is None:
        cost = _sum_if_known([cost_of(line["unit_cost"], line["quantity"]) for line in lines])
    discount, refunded = row["discount_amount"] or NOUGHT, row["refund_amount"] or NOUGHT
    gross = row["net_amount"] + discount + refunded if row["gross_amount"] is None else row["gross_amount"]
    return {
        "source": "files", "order_id": row["order_id"], "ordered_at": row["ordered_at"], "landed": row,
        "is_cancelled": status in ("cancelled", "canceled", "voided"), "is_credit_note": row["net_amount"] < 0,
        "currency": row["currency"], "gross_local": gross, "discount_local": discount, "refund_local": refunded,
        "net_local": row["net_amount"], "cost_local": cost, "sales_channel": row["sales_channel"] or "offline",
    }  # fmt: skip


def cost_of(of_one: Decimal | None, kept) -> Decimal | None:
    """Of what was not returned; what came back altogether cost nothing, whether or not its cost is known."""
    if not kept:
        return NOUGHT
    return None if of_one is None else of_one * kept


def _sum_if_known(values: list[Decimal | None]) -> Decimal | None:
    """Null where there is none, or one of them is unknown."""
    return None if not values or None in values else total(values)
