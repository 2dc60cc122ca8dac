"""kpi_daily, kpi_channel_daily, kpi_campaign_daily: one set of events, summed three times."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from . import adverts, credits, crm, orders, visits
from .money import NOUGHT, quotient, total, worth
from .reading import Row, World, once

NOWHERE = (adverts.NONE,) * 4
KNOWN_BY = {
    "spend": "ads", "impressions": "ads", "clicks": "ads", "sessions": "visits", "engaged_sessions": "visits",
    "leads": "contacts", "mqls": "contacts", "sqls": "contacts", "opportunities": "deals", "won_deals": "deals",
    "orders": "orders", "new_customers": "orders", "net_revenue": "orders", "margin": "orders",
    "orders_without_cost": "orders",
}  # fmt: skip
RATIOS = {
    "ctr": ("clicks", "impressions"), "cpc": ("spend", "clicks"), "cpl": ("spend", "leads"),
    "cpa": ("spend", "orders"), "cac": ("spend", "new_customers"), "conversion_rate": ("orders", "sessions"),
    "roas": ("net_revenue", "spend"), "roas_platform": ("platform_conversions_value", "spend"),
    "overclaim_ratio": ("platform_conversions", "true_conversions"),
}  # fmt: skip
HIGHEST_FIRST = (
    "spend", "impressions", "clicks", "sessions", "leads", "orders", "new_customers", "net_revenue", "ctr",
    "conversion_rate", "roas", "roas_platform", "roi",
)  # fmt: skip
LOWEST_FIRST = ("cpc", "cpm", "cpl", "cpa", "cac")
Cell = dict[str, Decimal]


@once
def cells(world: World) -> dict[tuple, Cell]:
    """By day, channel and the campaign's place: each measure's sum on the KPI days, where anything happened."""
    found: dict[tuple, Cell] = defaultdict(lambda: defaultdict(lambda: NOUGHT))
    for day, channel, place, measure, value in _events(world):
        if world.asked.is_kpi_day(day):
            found[day, channel, place][measure] = total((found[day, channel, place][measure], Decimal(value)))
    return found


def _events(world: World):
    for row in adverts.ad_days(world):
        place = tuple(row[name] for name in adverts.PLACE)
        for measure in ("spend", "impressions", "clicks"):
            yield row["date_day"], row["channel"], place, measure, row[measure]
    for row in adverts.claims(world):
        if row["is_declared"]:
            place = tuple(row[name] for name in adverts.PLACE)
            channel = _channel_of(world, place, row["date_day"])
            yield row["date_day"], channel, place, "platform_conversions", row["conversions"]
            yield row["date_day"], channel, place, "platform_conversions_value", row["value"]
    for day, (channel, campaign), measure, value in _told_by_links(world):
        if world.asked.is_kpi_day(day):
            yield day, channel, adverts.meant(world, channel, campaign, day) or NOWHERE, measure, value


def _channel_of(world: World, place: tuple, day: date) -> str:
    by_day = world.memo.setdefault("channel of campaign", {})
    if not by_day:
        for row in adverts.ad_days(world):
            by_day[tuple(row[name] for name in adverts.PLACE), row["date_day"]] = row["channel"]
    if known := by_day.get((place, day)) or adverts.campaigns(world).get(place, {}).get("channel"):
        return known
    return "Paid Other"  # what is claimed for a campaign that no ad day shows


def _told_by_links(world: World):
    """(day, (channel, utm_campaign), measure, value) of visits, orders, contacts and deals."""
    assert world.asked.told["default_model"] == "last_non_direct", "this reading knows no other default model"
    for row in visits.visits(world):
        if row["is_counted"]:
            yield row["date_day"], (row["channel"], row["utm_campaign"]), "sessions", 1
            yield (
                row["date_day"],
                (row["channel"], row["utm_campaign"]),
                "engaged_sessions",
                int(bool(row["is_engaged"])),
            )
    for row in orders.orders(world):
        if world.asked.is_kpi_day(row["date_day"]):
            owed = credits.of_orders(world)[row["source"], row["order_id"]]
            yield row["date_day"], owed, "net_revenue", row["net"]
            yield row["date_day"], owed, "margin", row["margin"]
            if not row["is_credit_note"]:
                yield row["date_day"], owed, "orders", 1
                yield row["date_day"], owed, "new_customers", int(row["is_first"])
                yield row["date_day"], owed, "orders_without_cost", int(row["cost"] is None)
    owed = credits.of_contacts(world)
    for row in crm.contacts(world):
        for measure, name in (("leads", "lead_day"), ("mqls", "mql_day"), ("sqls", "sql_day")):
            yield row[name], owed[row["source"], row["contact_id"]], measure, 1
    for row in crm.deals(world):
        to = owed.get((row["source"], row["contact_id"]), credits.UNKNOWN)
        yield row["date_day"], to, "opportunities", 1
        if row["is_won"]:
            yield row["closed_day"], to, "won_deals", 1


def _finished(world: World, cell: Cell) -> Row:
    """A cell with what is unknown as null, and its ratios."""
    row: Row = {name: cell.get(name, NOUGHT) if world.knows(KNOWN_BY[name]) else None for name in KNOWN_BY}
    for name in ("platform_conversions", "platform_conversions_value", "true_conversions"):
        row[name] = cell.get(name)
    row |= {name: quotient(row[above], row[below]) for name, (above, below) in RATIOS.items()}
    row["cpm"] = quotient(row["spend"], row["impressions"], 1000)
    known = row["margin"] is not None and row["spend"] is not None
    row["roi"] = quotient(row["margin"] - row["spend"], row["spend"]) if known else None
    return row


def _with_claims(world: World, place: tuple, cell: Cell) -> Cell:
    """A campaign's cell with claims and their truth: of a platform that makes claims 0, of another unknown."""
    if place[:2] not in adverts.claiming(world):
        return cell
    kind = world.asked.told["declared_claims"][place[0]]["conversion_type"]
    claims = {name: cell.get(name, NOUGHT) for name in ("platform_conversions", "platform_conversions_value")}
    return {**cell, **claims, "true_conversions": cell.get("leads" if "lead" in kind else "orders", NOUGHT)}


def kpi_channel_daily(world: World) -> list[Row]:
    by_channel: dict[tuple, Cell] = defaultdict(dict)
    for (day, channel, place), cell in cells(world).items():
        for name, value in _with_claims(world, place, cell).items():
            known = by_channel[day, channel]
            known[name] = total((known.get(name, NOUGHT), value))
    return [
        {"date_day": day, "channel": channel, **_finished(world, cell)} for (day, channel), cell in by_channel.items()
    ]


def kpi_campaign_daily(world: World) -> list[Row]:
    names = {(tuple(r[n] for n in adverts.PLACE), r["date_day"]): r["account_name"] for r in adverts.ad_days(world)}
    found = []
    for (day, channel, place), cell in cells(world).items():
        newest = adverts.campaigns(world).get(place, {"account_name": adverts.NONE, "campaign_name": adverts.NONE})
        row = _finished(world, _with_claims(world, place, cell))
        del row["true_conversions"]
        row |= dict(zip(adverts.PLACE, place, strict=True))
        row |= {"date_day": day, "channel": channel, "campaign_name": newest["campaign_name"]}
        found.append(row | {"account_name": names.get((place, day), newest["account_name"])})
    for row in found:
        peers = [peer for peer in found if (peer["date_day"], peer["channel"]) == (row["date_day"], row["channel"])]
        row |= {f"{name}_rank": _rank(row, peers, name, -1) for name in HIGHEST_FIRST}
        row |= {f"{name}_rank": _rank(row, peers, name, 1) for name in LOWEST_FIRST}
    return found


def _rank(row: Row, peers: list[Row], name: str, sign: int) -> int | None:
    """1 and the number of peers that do better; null where there is nothing to compare."""
    nowhere = (adverts.NONE, adverts.REST)
    if row["campaign_id"] in nowhere or row[name] is None:
        return None
    values = [peer[name] for peer in peers if peer["campaign_id"] not in nowhere and peer[name] is not None]
    return 1 + sum(sign * value < sign * row[name] for value in values)


def kpi_daily(world: World) -> list[Row]:
    sums: dict[date, Cell] = defaultdict(lambda: defaultdict(lambda: NOUGHT))
    for (day, _channel, _place), cell in cells(world).items():
        for name, value in cell.items():
            sums[day][name] = total((sums[day][name], value))
    revenue: dict[date, Decimal] = defaultdict(lambda: NOUGHT)  # of the full history: growth looks back a year
    for row in orders.orders(world):
        revenue[row["date_day"]] = total((revenue[row["date_day"]], row["net"]))
    costs: dict[date, Decimal] = defaultdict(lambda: NOUGHT)
    for row in world["files/costs"]:
        amount = worth(world, row["amount"], row["currency"], row["date_day"])
        costs[row["date_day"]] = total((costs[row["date_day"]], amount))
    return [_day(world, day, sums[day], revenue, costs[day]) for day in world.asked.days()]


def _day(world: World, day: date, cell: Cell, revenue: dict[date, Decimal], other: Decimal) -> Row:
    told = _finished(world, cell)
    names = ("spend", "impressions", "clicks", "sessions", "leads", "mqls", "sqls", "opportunities", "won_deals")
    row = {name: told[name] for name in (*names, "orders", "new_customers", "net_revenue", "cac")}
    row |= {"date_day": day, "other_costs": other, "aov": quotient(row["net_revenue"], row["orders"])}
    row["mer"] = quotient(row["net_revenue"], row["spend"])
    costs = None if row["spend"] is None else row["spend"] + other
    row["marketing_cost_ratio"] = quotient(costs, row["net_revenue"])
    for name, days in (("day", 1), ("week", 7), ("year", 364)):
        before = revenue[day - timedelta(days)]
        growth = quotient(revenue[day] - before, before) if before > 0 and world.knows("orders") else None
        row[f"net_revenue_growth_{name}"] = growth
    return row
