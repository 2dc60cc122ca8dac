"""Order lines, and what orders hold beyond them, in reporting currency."""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal

from . import adverts, orders
from .money import NOUGHT, total, worth
from .reading import Row, World, grouped, once

REST, NONE = adverts.REST, adverts.NONE


@once
def lines(world: World) -> list[Row]:
    """A row per order line, and per order of what it holds beyond its lines."""
    of_files = grouped(world["files/order_lines"], "order_id")
    found = []
    for order in orders.orders(world):
        if order["source"] == "shopify":
            own = list(_shop_lines(order["landed"]))
        else:
            own = [_file_line(row) for row in of_files.get((order["order_id"],), [])]
        rest = {
            name: order[f"{name}_local"] - total(line[name] for line in own)
            for name in ("gross", "discount", "refund", "net")
        }
        if any(rest.values()):
            own.append({"product": REST, "units": None, "returned": None, "cost": None, **rest})
        for line in own:
            found.append({"order": order, "day": order["date_day"], **line, **_in_reporting(world, order, line)})
    return found


def _in_reporting(world: World, order: Row, line: Row) -> Row:
    told = {"net": line["net"], "margin": _margin(line)}
    return {f"{name}_here": worth(world, part, order["currency"], order["date_day"]) for name, part in told.items()}


def summed(world: World, rows: list[Row], amount: Callable[[Row], Decimal]) -> Decimal:
    """A sum in reporting currency of lines that were sold alike: what a day, currency and sales channel hold of a
    product is converted together."""
    parts: dict[tuple, list[Decimal]] = defaultdict(list)
    for row in rows:
        parts[row["day"], row["order"]["currency"], row["order"]["sales_channel"], row["product"]].append(amount(row))
    return total(worth(world, total(part), currency, day) for (day, currency, *_), part in parts.items())


def sold(line: Row) -> Decimal:
    """Gross less discounts, in the order's currency; of what gives back (a credit note) nothing."""
    return max(line["gross"] - line["discount"], NOUGHT)


def given_back(line: Row) -> Decimal:
    """Refunds, and what a credit note gives, in the order's currency."""
    return line["refund"] + max(line["discount"] - line["gross"], NOUGHT)


def _margin(line: Row) -> Decimal | None:
    return None if line["cost"] is None else line["net"] - line["cost"]


def _shop_lines(order: Row):
    back, given = defaultdict(int), defaultdict(list)
    for refund in order["refunds"] or []:
        for line in refund["lines"] or []:
            back[line["line_id"]] += line["quantity"]
            given[line["line_id"]].append(line["amount"])
    for line in order["lines"] or []:
        returned, refund = back[line["line_id"]], total(given[line["line_id"]])
        gross, discount = line["unit_price"] * line["quantity"], line["discount_amount"]
        yield {
            "product": line["product_id"] or NONE, "units": Decimal(line["quantity"]), "returned": Decimal(returned),
            "gross": gross, "discount": discount, "refund": refund, "net": gross - discount - refund,
            "cost": orders.cost_of(line["unit_cost"], line["quantity"] - returned),
        }  # fmt: skip


def _file_line(line: Row) -> Row:
    gross, discount = line["unit_price"] * line["quantity"], line["discount_amount"] or NOUGHT
    return {
        "product": line["product_id"] or NONE, "units": max(line["quantity"], NOUGHT), "gross": gross,
        "returned": max(-line["quantity"], NOUGHT), "discount": discount, "refund": NOUGHT, "net": gross - discount,
        "cost": orders.cost_of(line["unit_cost"], line["quantity"]),
    }  # fmt: skip
