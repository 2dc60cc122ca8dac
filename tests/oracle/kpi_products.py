"""kpi_product_daily: products, their promotions and what these brought along (docs/products.md)."""

from datetime import date, timedelta
from decimal import Decimal

from .money import NOUGHT, quotient, total
from .order_lines import given_back, lines, sold, summed
from .reading import Row, World, grouped

BASELINE_DAYS, LEAST_DAYS = 28, 14


def _names(world: World) -> dict[str, str]:
    """The catalogue's names; of what stands in none, the name of its first line by order."""
    told = {row["product_id"]: row["product_name"] for row in world["shopify/products"]}
    sold = [(row["order_id"], row) for row in world["files/order_lines"]]
    sold += [(order["order_id"], row) for order in world["shopify/orders"] for row in order["lines"] or []]
    for _order, row in sorted(sold, key=lambda pair: pair[0]):
        if row["product_id"] and row["product_name"]:
            told.setdefault(row["product_id"], row["product_name"])
    return told


def _promotions(world: World) -> dict[tuple[str, date], Row]:
    """By product and day: the promotion that holds; of several the one that began first."""
    known = {row["product"] for row in lines(world)} | {row["product_id"] for row in world["shopify/products"]}
    found: dict[tuple[str, date], Row] = {}
    for row in sorted(world["files/promotions"], key=lambda row: (row["starts_on"], row["promotion_id"])):
        day = row["starts_on"]
        while day <= min(row["ends_on"], world.asked.last) and row["product_id"] in known:
            found.setdefault((row["product_id"], day), row)
            day += timedelta(1)
    return found


def _for_sale_from(world: World) -> dict[str, date]:
    """From when on a product could be bought: added to the catalogue or first sold, not before the first order."""
    first: dict[str, date] = {}
    for row in world["shopify/products"]:
        first[row["product_id"]] = world.asked.day(row["created_at"])
    for line in lines(world):
        first[line["product"]] = min(line["day"], first.get(line["product"], line["day"]))
    beginning = min((line["day"] for line in lines(world)), default=date.min)
    return {product: max(day, beginning) for product, day in first.items()}


def kpi_product_daily(world: World) -> list[Row]:
    by_day = {key: rows for key, rows in grouped(lines(world), "product", "day").items()}
    promotions, names, since = _promotions(world), _names(world), _for_sale_from(world)
    keys = {key for key in by_day.keys() | promotions.keys() if world.asked.is_kpi_day(key[1])}
    units = {key: total(row["units"] for row in rows if row["units"]) for key, rows in by_day.items()}
    linked = _linked(world)
    found = []
    for product, day in keys:
        row = _sums(world, by_day.get((product, day), []))
        row |= {"date_day": day, "product_id": product, "product_name": names.get(product)}
        promotion = promotions.get((product, day))
        row |= _promoted(product, day, promotion, promotions, since.get(product), units, linked)
        found.append(row)
    return found


def _sums(world: World, rows: list[Row]) -> Row:
    """What was sold on a day; without a line that is nothing, and known."""
    told = [row for row in rows if row["units"] is not None]
    costed = [row for row in rows if row["margin_here"] is not None]
    row: Row = {
        "units": total(row["units"] for row in told) if told or not rows else None,
        "returned_units": total(row["returned"] for row in told) if told or not rows else None,
        "sold_amount": summed(world, rows, sold), "refund_amount": summed(world, rows, given_back),
        "revenue": total(row["net_here"] for row in rows),
        "margin": total(row["margin_here"] for row in costed) if costed or not rows else None,
        "revenue_with_cost": total(row["net_here"] for row in costed),
    }  # fmt: skip
    positive = row["revenue"] > 0
    row["known_cost_share"] = quotient(row["revenue_with_cost"], row["revenue"]) if positive else None
    return row | {"refund_rate": quotient(row["refund_amount"], row["sold_amount"])}


def _linked(world: World) -> dict[tuple[str, date], tuple[int, Decimal]]:
    """By product and day: orders that hold it, and units of anything else in them."""
    found: dict[tuple[str, date], tuple[int, Decimal]] = {}
    for rows in grouped([{**row, "id": id(row["order"])} for row in lines(world)], "id").values():
        for product in {row["product"] for row in rows}:
            count, other = found.get((product, rows[0]["day"]), (0, NOUGHT))
            more = total(row["units"] for row in rows if row["product"] != product and row["units"])
            found[product, rows[0]["day"]] = count + 1, other + more
    return found


PROMOTED = (
    "promotion_id", "discount_rate", "promotion_days", "promotion_units", "baseline_days", "baseline_units", "lift",
    "promoted_orders", "linked_units", "linked_lift",
)  # fmt: skip


def _promoted(product: str, day: date, promotion: Row | None, promotions, since, units, linked) -> Row:
    if promotion is None:
        return {"is_promoted": False, **dict.fromkeys(PROMOTED)}
    start = promotion["starts_on"]
    days = [start + timedelta(n) for n in range((day - start).days + 1)]
    days = [one for one in days if promotions.get((product, one)) is promotion]
    before = [start - timedelta(n) for n in range(1, BASELINE_DAYS + 1)]
    before = [one for one in before if since and one >= since and (product, one) not in promotions]
    now, usual = (total(units.get((product, one), NOUGHT) for one in part) for part in (days, before))
    told: Row = {
        "is_promoted": True, "promotion_id": promotion["promotion_id"], "discount_rate": promotion["discount_rate"],
        "promotion_days": len(days), "promotion_units": now, "baseline_days": len(before), "baseline_units": usual,
    }  # fmt: skip
    told["promoted_orders"], told["linked_units"] = linked.get((product, day), (0, NOUGHT))
    (orders_now, other_now), (orders_then, other_then) = (_added(product, part, linked) for part in (days, before))
    told["lift"] = told["linked_lift"] = None
    if len(before) >= LEAST_DAYS and usual:
        told["lift"] = quotient(now * len(before), usual * len(days)) - 1
    if len(before) >= LEAST_DAYS and other_then and orders_now:
        told["linked_lift"] = quotient(other_now * orders_then, other_then * orders_now) - 1
    return told


def _added(product: str, days: list[date], linked) -> tuple[int, Decimal]:
    parts = [linked.get((product, day), (0, NOUGHT)) for day in days]
    return sum(part[0] for part in parts), total(part[1] for part in parts)
