"""kpi_cohort and kpi_customer_segments (docs/customers.md)."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from math import ceil

from . import adverts
from .customers import customers
from .money import NOUGHT, quotient, total
from .reading import Row, World

SEGMENTS = ("high_value", "potential", "at_risk", "lost", "new")


def _month(day: date) -> date:
    return day.replace(day=1)


def _later(month: date, count: int) -> date:
    number = month.year * 12 + month.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)


def kpi_cohort(world: World) -> list[Row]:
    cohorts: dict[tuple, list[Row]] = defaultdict(list)
    for one in customers(world):
        cohorts[_month(one["purchases"][0]), one["channel"]].append(one)
    spend: dict[tuple, Decimal] = defaultdict(lambda: NOUGHT)
    for row in adverts.ad_days(world):
        if world.asked.is_kpi_day(row["date_day"]) and _month(row["date_day"]) >= world.asked.first:
            key = _month(row["date_day"]), row["channel"]
            spend[key] = total((spend[key], row["spend"]))
    found = []
    for key in cohorts.keys() | {key for key, amount in spend.items() if amount}:
        known = key[0] >= world.asked.first and world.knows("ads")
        found += _cohort(world, *key, cohorts[key], spend[key] if known else None)
    return found


def _cohort(world: World, month: date, channel: str, people: list[Row], spend: Decimal | None) -> list[Row]:
    rows, since = [], 0
    while _later(month, since) <= world.asked.last:
        start, after = _later(month, since), _later(month, since + 1)
        booked = [day for one in people for when, day in one["days"].items() if when < after]
        bought = [[day for day in one["purchases"] if start <= day < after] for one in people]
        row: Row = {
            "date_day": month, "channel": channel, "months_since": since, "activity_month": start,
            "is_complete": after <= world.asked.last + timedelta(1), "customers": len(people), "spend": spend,
            "active": sum(bool(days) for days in bought), "purchases": sum(len(days) for days in bought),
            "repeat_customers": sum(len([day for day in one["purchases"] if day < after]) > 1 for one in people),
            "cumulative_net_revenue": total(day["revenue"] for day in booked),
            "cumulative_margin": total(day["margin"] for day in booked),
            "orders_without_cost": sum(day["uncosted"] for day in booked),
        }  # fmt: skip
        row["retention"] = quotient(row["active"], row["customers"])
        row["repeat_rate"] = quotient(row["repeat_customers"], row["customers"])
        row["ltv"] = quotient(row["cumulative_net_revenue"], row["customers"])
        row["ltv_margin"] = quotient(row["cumulative_margin"], row["customers"])
        row["cac"] = quotient(spend, row["customers"])
        row["payback_ratio"] = quotient(row["cumulative_margin"], spend)
        rows.append(row)
        since += 1
    paid = [row["months_since"] for row in rows if spend and row["cumulative_margin"] >= spend]
    return [row | {"payback_month": min(paid, default=None)} for row in rows]


def kpi_customer_segments(world: World) -> list[Row]:
    values = sorted((_value(one, world.asked.last) for one in customers(world)), reverse=True)
    share = Decimal(str(world.asked.told["customers"]["high_value_share"]))
    bar = values[ceil(share * len(values)) - 1] if values else NOUGHT
    found = []
    for day in world.asked.days():
        told: dict[str, list] = {segment: [0, NOUGHT, 0, 0] for segment in SEGMENTS}
        for one in customers(world):
            bought = [when for when in one["purchases"] if when <= day]
            if bought:
                value, recency = _value(one, day), (day - bought[-1]).days
                sums = told[_segment(world.asked.told["customers"], recency, len(bought), value, bar)]
                sums[0] += 1
                sums[1] = total((sums[1], value))
                sums[2] += len(bought)
                sums[3] += recency
        found += [_segment_row(day, segment, *sums) for segment, sums in told.items()]
    return found


def _value(one: Row, day: date) -> Decimal:
    return total(booked["revenue"] for when, booked in one["days"].items() if when <= day)


def _segment(told: dict, recency: int, frequency: int, value: Decimal, bar: Decimal) -> str:
    if recency > told["lost_after_days"]:
        return "lost"
    if recency > told["at_risk_after_days"]:
        return "at_risk"
    if recency <= told["new_days"] and frequency == 1:
        return "new"
    return "high_value" if frequency >= 2 and value > 0 and value >= bar else "potential"


def _segment_row(day: date, segment: str, count: int, revenue: Decimal, purchases: int, recency: int) -> Row:
    return {
        "date_day": day, "segment": segment, "customers": count, "net_revenue": revenue, "purchases": purchases,
        "recency_days": recency, "average_recency_days": quotient(recency, count),
        "average_frequency": quotient(purchases, count), "average_value": quotient(revenue, count),
    }  # fmt: skip
