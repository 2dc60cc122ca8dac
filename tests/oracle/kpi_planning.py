"""kpi_budget_pacing, kpi_targets, kpi_alerts (docs/planning.md)."""

from calendar import monthrange
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

from . import adverts, kpi_daily
from .channels import seed
from .money import NOUGHT, quotient, rounded, total, worth
from .reading import Row, World, grouped, once

ALL = "(all)"
WEEKS_BEFORE, LEAST_DAYS = 8, 28
LEAST_HISTORY = 5
STATUSES = ("stretch", "target", "floor")


def _month(day: date) -> date:
    return day.replace(day=1)


def _month_days(month: date) -> list[date]:
    return [month.replace(day=n + 1) for n in range(monthrange(month.year, month.month)[1])]


@once
def _known_channels(world: World) -> set[str]:
    named = {row["channel"] for row in seed("channels")} | {row["channel"] for row in adverts.ad_days(world)}
    named |= {rule["channel"] for rule in world.asked.told["channel_rules"]}
    return named | {row["channel"] for row in world["files/costs"] if row["channel"]}


@once
def budgets(world: World) -> dict[tuple, Row]:
    """By month, channel and campaign: what can be right, of months that have begun and have KPI days."""
    found = {}
    spent_on = {(row["channel"], row["campaign_id"], _month(row["date_day"])) for row in adverts.ad_days(world)}
    for row in world["files/budgets"]:
        month, channel, campaign = row["month"], row["channel"], row["campaign_id"] or ALL
        is_due = _month(world.asked.first) <= month <= world.asked.last
        if not is_due or month.day != 1 or channel not in _known_channels(world) or not row["currency"]:
            continue
        if campaign != ALL and not any(key[:2] == (channel, campaign) for key in spent_on):
            continue
        found[month, channel, campaign] = row
    return found


def _spend_days(world: World) -> dict[tuple, Decimal]:
    """By channel, campaign (and all of them) and KPI day."""
    found: dict[tuple, Decimal] = defaultdict(lambda: NOUGHT)
    for row in adverts.ad_days(world):
        if world.asked.is_kpi_day(row["date_day"]):
            for campaign in (ALL, row["campaign_id"]):
                key = row["channel"], campaign, row["date_day"]
                found[key] = total((found[key], row["spend"]))
    return found


def _weights(world: World, spend: dict[tuple, Decimal], channel: str, month: date) -> list[Decimal]:
    """By weekday from Monday: medians of the channel's 8 weeks before, of a week of 7; to 6 decimals."""
    before = [month - timedelta(n) for n in range(1, 7 * WEEKS_BEFORE + 1)]
    known = [day for day in before if world.asked.is_kpi_day(day)]
    if len(known) < LEAST_DAYS:
        return [Decimal(1)] * 7
    medians = [median(spend[channel, ALL, day] for day in known if day.weekday() == n) for n in range(7)]
    whole = total(medians)
    return [rounded(7 * one / whole, 6) for one in medians] if whole else [Decimal(1)] * 7


@once
def kpi_budget_pacing(world: World) -> list[Row]:
    spend, found = _spend_days(world), []
    months = sorted({_month(day) for day in world.asked.days()})
    for month in months:
        lines = {key[1:]: row for key, row in budgets(world).items() if key[0] == month}
        spent = {key[0] for key, amount in spend.items() if amount and _month(key[2]) == month}
        for channel in spent - {key[0] for key in lines}:
            lines[channel, ALL] = None
        for (channel, campaign), row in lines.items():
            weights = _weights(world, spend, channel, month)
            for day in _month_days(month):
                if world.asked.is_kpi_day(day):
                    found.append(_pace(world, spend, day, channel, campaign, row, weights))
    return found


def _pace(world: World, spend, day: date, channel: str, campaign: str, line: Row | None, weights) -> Row:
    month = _month(day)
    weigh = {one: weights[one.weekday()] for one in _month_days(month)}
    due = total(weight for one, weight in weigh.items() if one <= day)
    whole = total(weigh.values())
    budget = worth(world, line["amount"], line["currency"], month) if line else None
    known = month >= world.asked.first and world.knows("ads")
    to_date = total(spend[channel, campaign, one] for one in weigh if one <= day) if known else None
    expected = rounded(budget * rounded(due / whole, 10), 10) if line else None
    week = total(spend[channel, campaign, day - timedelta(n)] for n in range(7))
    forecast = to_date + rounded(week * rounded((whole - due) / total(weights), 10), 10) if known else None
    over = forecast - budget if known and line else None
    return {
        "month": month, "date_day": day, "channel": channel, "campaign_id": campaign,
        "currency": line["currency"] if line else None, "budget_local": line["amount"] if line else None,
        "budget": budget, "is_spend_known": known, "spend_to_date": to_date, "expected_to_date": expected,
        "pace": quotient(to_date, expected), "forecast": forecast, "variance": over,
        "variance_ratio": quotient(over, budget), "status": _status(world, forecast, budget),
    }  # fmt: skip


def _status(world: World, forecast: Decimal | None, budget: Decimal | None) -> str | None:
    if forecast is None or budget is None:
        return None
    if forecast > budget * (1 + Decimal(str(world.asked.told["warn_over"]))):
        return "red"
    return "yellow" if forecast > budget else "green"


@once
def _kpis(world: World) -> dict[str, Row]:
    return {row["kpi"]: row for row in seed("kpis")}


@once
def _measures(world: World) -> dict[tuple[date, str], Row]:
    """By KPI day and channel (and all of them): the sums that KPIs are made of."""
    found = {(row["date_day"], row["channel"]): row for row in kpi_daily.kpi_channel_daily(world)}
    by_day = grouped(found.values(), "date_day")
    for row in kpi_daily.kpi_daily(world):
        more = by_day.get((row["date_day"],), [])
        sums = {
            name: total(part[name] for part in more if part[name] is not None)
            for name in ("engaged_sessions", "margin", "platform_conversions_value")
        }
        spend = row["spend"]
        costs = None if spend is None else spend + row["other_costs"]
        found[row["date_day"], ALL] = {**row, **sums, "marketing_costs": costs}
    for row in found.values():
        row["profit"] = None if None in (row["margin"], row["spend"]) else row["margin"] - row["spend"]
    return found


def _kpi(world: World, name: str, channel: str, days: list[date]) -> float | None:
    told = _kpis(world)[name]
    rows = [_measures(world).get((day, channel), {}) for day in days]
    above, below = (total(row.get(told[part]) or NOUGHT for row in rows) for part in ("numerator", "denominator"))
    if not told["denominator"]:
        return float(above)
    return quotient(above, below, int(told["factor"]))


def kpi_targets(world: World) -> list[Row]:
    found = []
    for row in world["files/targets"]:
        month, channel, told = row["month"], row["channel"] or ALL, _kpis(world).get(row["kpi"])
        is_due = _month(world.asked.first) <= month <= world.asked.last
        if not is_due or month.day != 1 or told is None:
            continue
        bounds = [row["stretch"], row["target"], row["floor"]]
        lower = told["is_lower_better"] == "true"
        if bounds != sorted(bounds, reverse=not lower):
            continue  # in quarantine
        if channel != ALL and (channel not in _known_channels(world) or told["is_by_channel"] != "true"):
            continue
        found.append(_target(world, row, channel, bounds, lower))
    return found


def _target(world: World, row: Row, channel: str, bounds: list[Decimal], lower: bool) -> Row:
    month = row["month"]
    days = [day for day in _month_days(month) if world.asked.is_kpi_day(day)]
    actual = _kpi(world, row["kpi"], channel, days) if month >= world.asked.first else None
    sign = -1 if lower else 1
    status = None
    if actual is not None:
        reached = [name for name, bound in zip(STATUSES, bounds, strict=True) if sign * actual >= sign * float(bound)]
        status = reached[0] if reached else "below_floor"
    target = float(row["target"])
    attained = None if actual is None else quotient(target, actual) if lower else quotient(actual, target)
    return {
        "month": month, "date_day": days[-1], "kpi": row["kpi"], "channel": channel, "actual": actual,
        "floor": row["floor"], "target": row["target"], "stretch": row["stretch"], "attainment": attained,
        "status": status, "is_lower_better": lower, "is_month_to_date": _month_days(month)[-1] > world.asked.last,
        "elapsed_share": len(days) / len(_month_days(month)), "is_begun_before_kpi_days": month < world.asked.first,
    }  # fmt: skip


def kpi_alerts(world: World) -> list[Row]:
    found = []
    for rule in world.asked.told["kpi_rules"]:
        assert rule["channel"] is None and rule["direction"] == "both", "this reading knows no other rules"
        values = {day: _kpi(world, rule["kpi"], ALL, [day]) for day in world.asked.days()}
        found += [_alert(rule, day, values) for day in values]
    for row in kpi_budget_pacing(world):
        if row["budget"] is not None:
            found.append(_budget_alert(world, row))
    return found


def _alert(rule: Row, day: date, values: dict[date, float | None]) -> Row:
    before = [values.get(day - timedelta(7 * n)) for n in range(1, WEEKS_BEFORE + 1)]
    known = [value for value in before if value is not None]
    row: Row = {
        "date_day": day, "rule": rule["kpi"], "kind": "kpi", "kpi": rule["kpi"], "channel": ALL, "campaign_id": ALL,
        "value": values[day], "expected": None, "low": None, "high": None, "deviations": None,
        "history_days": len(known), "severity": None, "owner": rule["owner"],
    }  # fmt: skip
    if not known:
        return row
    row["expected"] = expected = median(known)
    spread = max(1.4826 * median(abs(value - expected) for value in known), 0.05 * abs(expected))
    row["low"], row["high"] = expected - rule["yellow"] * spread, expected + rule["yellow"] * spread
    if row["value"] is None:
        return row
    if spread or row["value"] == expected:
        row["deviations"] = (row["value"] - expected) / spread if spread else 0.0
    far = rule["red"] if row["deviations"] is None else abs(row["deviations"])  # from nothing at all: any is too far
    if len(known) >= LEAST_HISTORY:
        row["severity"] = "red" if far >= rule["red"] else "yellow" if far >= rule["yellow"] else "green"
    return row


def _budget_alert(world: World, row: Row) -> Row:
    campaign = "" if row["campaign_id"] == ALL else f" {row['campaign_id']}"
    return {
        "date_day": row["date_day"], "rule": f"budget: {row['channel']}{campaign}", "kind": "budget", "kpi": "spend",
        "channel": row["channel"], "campaign_id": row["campaign_id"],
        "value": None if row["forecast"] is None else float(row["forecast"]), "expected": float(row["budget"]),
        "low": 0.0, "high": float(row["budget"] * (1 + Decimal(str(world.asked.told["warn_over"])))),
        "deviations": None, "history_days": None, "severity": row["status"], "owner": world.asked.told["alerts_owner"],
    }  # fmt: skip
