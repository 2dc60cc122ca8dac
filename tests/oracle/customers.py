"""Customers and their purchase days (docs/customers.md)."""

from datetime import date

from . import credits, orders
from .money import total
from .reading import Row, World, once

UNKNOWN = "(unknown)"


@once
def customers(world: World) -> list[Row]:
    """Persons with a purchase: `days` (day -> revenue, margin, orders without cost), `purchases` (days), channel."""
    booked: dict[str, list[Row]] = {}
    for row in orders.orders(world):
        booked.setdefault(row["person"], []).append(row)
    found = []
    for person, rows in sorted(booked.items()):
        bought = [row for row in rows if not row["is_cancelled"] and not row["is_credit_note"]]
        if bought:
            found.append(_customer(world, person, rows, bought))
    return found


def _customer(world: World, person: str, rows: list[Row], bought: list[Row]) -> Row:
    first = bought[0]
    days: dict[date, Row] = {}
    for row in rows:  # what was booked before the first purchase stands on its day
        day = days.setdefault(max(row["date_day"], first["date_day"]), {"revenue": [], "margin": [], "uncosted": 0})
        day["revenue"].append(row["net"])
        day["margin"].append(row["margin"])
        day["uncosted"] += int(row["cost"] is None and not row["is_credit_note"])
    for day in days.values():
        day["revenue"], day["margin"] = total(day["revenue"]), total(day["margin"])
    owed = credits.of_orders(world).get((first["source"], first["order_id"]))
    return {
        "person": person, "days": days, "purchases": sorted({row["date_day"] for row in bought}),
        "channel": owed[0] if owed else UNKNOWN,
    }  # fmt: skip
