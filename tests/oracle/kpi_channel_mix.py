"""kpi_channel_mix: where sales channels compete (docs/products.md)."""

from collections import defaultdict
from datetime import date, timedelta

from . import orders
from .channels import seed
from .money import NOUGHT, quotient, rounded, total, worth
from .order_lines import NONE, REST, lines, sold, summed
from .reading import Row, World

COMPARED_DAYS, SHARED_DAYS = 28, 365


def _sales_channel(name: str | None) -> str:
    known = {row["name"]: row["sales_channel"] for row in seed("sales_channels")}
    return known.get((name or "").lower(), "other")


def kpi_channel_mix(world: World) -> list[Row]:
    names = {row["sales_channel"] for row in orders.orders(world)}
    channel_of = {name: _sales_channel(name) for name in names}
    by_key: dict[tuple, list[Row]] = defaultdict(list)
    bought: dict[str, dict[str, list[date]]] = defaultdict(lambda: defaultdict(list))
    for order in orders.orders(world):
        channel = channel_of[order["sales_channel"]]
        by_key[channel, order["date_day"]].append(order)
        if not order["is_cancelled"] and not order["is_credit_note"]:
            bought[order["person"]][channel].append(order["date_day"])
    first = {channel: min(day for one, day in by_key if one == channel) for channel in channel_of.values()}
    basket: dict[tuple, list[Row]] = defaultdict(list)
    for line in lines(world):
        if line["product"] not in (REST, NONE):
            basket[channel_of[line["order"]["sales_channel"]], line["day"], line["product"]].append(line)
    found = []
    for day in world.asked.days():
        whole = total(order["net"] for channel in first for order in by_key.get((channel, day), []))
        for channel, begun in first.items():
            if begun <= day:
                row = _channel(world, channel, day, by_key.get((channel, day), []), bought)
                row["revenue_share"] = quotient(row["revenue"], whole)
                found.append(row | _compared(world, channel, day, basket))
    return found


def _channel(world: World, channel: str, day: date, own: list[Row], bought) -> Row:
    counted = [order for order in own if not order["is_credit_note"]]
    people = {order["person"] for order in counted if not order["is_cancelled"]}
    shared = {
        person
        for person in people
        for other, days in bought[person].items()
        if other != channel and any(day - timedelta(SHARED_DAYS) <= one <= day for one in days)
    }
    here = {
        name: total(worth(world, order[f"{name}_local"], order["currency"], day) for order in counted)
        for name in ("gross", "discount")
    }
    return {
        "date_day": day, "sales_channel": channel, "revenue": total(order["net"] for order in own),
        "orders": len(counted), "customers": len(people), "new_customers": sum(order["is_first"] for order in own),
        "shared_customers": len(shared), "shared_customer_share": quotient(len(shared), len(people)),
        "gross_amount": here["gross"], "discount_amount": here["discount"],
        "discount_depth": quotient(here["discount"], here["gross"]),
    }  # fmt: skip


def _compared(world: World, channel: str, day: date, basket: dict[tuple, list[Row]]) -> Row:
    """The day's basket here and at the other channels' average prices of the 28 days up to it."""
    amount, elsewhere, is_told = NOUGHT, NOUGHT, False
    recent: dict[str, list[Row]] = defaultdict(list)
    for (other, when, product), rows in basket.items():
        if other != channel and day - timedelta(COMPARED_DAYS) < when <= day:
            recent[product] += rows
    for (one, when, product), rows in basket.items():
        if (one, when) == (channel, day) and (units := total(row["units"] for row in recent[product])):
            price = summed(world, recent[product], sold) / units
            amount = total((amount, summed(world, rows, sold)))
            elsewhere += rounded(price * total(row["units"] for row in rows), 10)
            is_told = True
    if not is_told:
        return {"compared_amount": None, "compared_amount_elsewhere": None, "price_gap": None}
    gap = quotient(amount, elsewhere)
    told = {"compared_amount": amount, "compared_amount_elsewhere": elsewhere}
    return told | {"price_gap": None if gap is None else gap - 1}
