"""kpi_funnel: what became of the contacts that were leads in a week (docs/crm.md)."""

from collections import defaultdict
from datetime import date, timedelta
from statistics import median

from . import adverts, credits, crm
from .kpi_daily import NOWHERE
from .money import NOUGHT, quotient, total
from .reading import Row, World, grouped

MATURE_AFTER = 90
TIMED = {
    "lead_to_mql": ("lead_at", "mql_at"), "mql_to_sql": ("mql_at", "sql_at"),
    "sql_to_opportunity": ("sql_at", "opportunity_at"), "opportunity_to_won": ("opportunity_at", "won_at"),
    "lead_to_won": ("lead_at", "won_at"),
}  # fmt: skip
RATES = {
    "lead_to_mql_rate": ("mqls", "leads"), "mql_to_sql_rate": ("sqls", "mqls"),
    "sql_to_opportunity_rate": ("opportunities", "sqls"), "opportunity_to_won_rate": ("won", "opportunities"),
    "lead_quality": ("sqls", "leads"), "lead_to_opportunity_rate": ("opportunities", "leads"),
    "lead_to_won_rate": ("won", "leads"), "cost_per_lead": ("spend", "leads"), "cost_per_mql": ("spend", "mqls"),
    "cost_per_sql": ("spend", "sqls"), "cost_per_opportunity": ("spend", "opportunities"),
    "cost_per_won": ("spend", "won"),
}  # fmt: skip


def _monday(day: date) -> date:
    return day - timedelta(day.weekday())


def _reached(world: World) -> list[Row]:
    """Contacts that reached any stage up to the mart's day, with the instants that are told of it."""
    deals = grouped(crm.deals(world), "source", "contact_id")
    found = []
    for contact in crm.contacts(world):
        times = {name: contact[name] for name in ("lead_at", "mql_at", "sql_at")}
        own = deals.get((contact["source"], contact["contact_id"]), [])
        times["opportunity_at"] = min((deal["created_at"] for deal in own), default=None)
        wins = [deal["closed_at"] for deal in own if deal["is_won"] and deal["closed_at"]]
        times["won_at"] = min(wins, default=None)
        for name, moment in times.items():
            if moment and world.asked.day(moment) > world.asked.last:
                times[name] = None
        if any(times.values()):
            found.append({**contact, **times})
    return found


def kpi_funnel(world: World) -> list[Row]:
    cohorts: dict[tuple, list[Row]] = defaultdict(list)
    owed = credits.of_contacts(world)
    for row in _reached(world):
        told = [row[name] for name in ("mql_at", "sql_at", "opportunity_at", "won_at") if row[name]]
        day = world.asked.day(row["lead_at"] or min(told))
        if world.asked.is_kpi_day(day):
            channel, campaign = owed[row["source"], row["contact_id"]]
            # what its name meant in the cohort's week: on the Monday, as far as that was a KPI day
            place = adverts.meant(world, channel, campaign, day) or NOWHERE
            cohorts[_monday(day), channel, place].append(row)
    spend: dict[tuple, object] = defaultdict(lambda: NOUGHT)
    for row in adverts.ad_days(world):
        if world.asked.is_kpi_day(row["date_day"]):
            key = _monday(row["date_day"]), row["channel"], tuple(row[name] for name in adverts.PLACE)
            spend[key] = total((spend[key], row["spend"]))
    keys = cohorts.keys() | {key for key, amount in spend.items() if amount}
    return [_row(world, key, cohorts[key], spend[key]) for key in keys]


def _row(world: World, key: tuple, contacts: list[Row], spend) -> Row:
    monday, channel, place = key
    newest = adverts.campaigns(world).get(place, {"account_name": adverts.NONE, "campaign_name": adverts.NONE})
    won = [row for row in contacts if row["won_at"]]
    opportunities = [row for row in contacts if row["won_at"] or row["opportunity_at"]]
    sqls = [row for row in contacts if row in opportunities or row["sql_at"]]
    row: Row = {
        "date_day": monday, "channel": channel, **dict(zip(adverts.PLACE, place, strict=True)),
        "account_name": newest["account_name"], "campaign_name": newest["campaign_name"],
        "is_mature": monday + timedelta(6 + MATURE_AFTER) <= world.asked.last,
        "spend": spend if world.knows("ads") else None,
        "leads": len(contacts), "implied_leads": sum(row["lead_at"] is None for row in contacts),
        "mqls": sum(row in sqls or bool(row["mql_at"]) for row in contacts), "sqls": len(sqls),
        "opportunities": len(opportunities), "won": len(won),
    }  # fmt: skip
    row |= {name: quotient(row[above], row[below]) for name, (above, below) in RATES.items()}
    for name, (first, then) in TIMED.items():
        days = [(one[then] - one[first]) / timedelta(days=1) for one in contacts if one[first] and one[then]]
        row[f"median_days_{name}"] = median(days) if days else None
    return row
