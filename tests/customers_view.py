"""A plain reading of what customers booked: cohorts and segments told one customer and one day at a time, without any
of the models' SQL."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import ceil
from typing import Any


@dataclass(frozen=True)
class Booking:
    person: str
    day: date
    net: Decimal
    cost: Decimal | None = None
    is_cancelled: bool = False

    @property
    def is_purchase(self) -> bool:
        return not self.is_cancelled and not self.is_credit_note

    @property
    def is_credit_note(self) -> bool:
        return self.net < 0


@dataclass(frozen=True)
class Customer:
    person: str
    bookings: tuple[Booking, ...]

    @property
    def first(self) -> date:
        return min(one.day for one in self.bookings if one.is_purchase)

    def purchases(self, until: date) -> list[date]:
        return sorted({one.day for one in self.bookings if one.is_purchase and one.day <= until})

    def value(self, until: date) -> Decimal:
        return sum((one.net for one in self.bookings if one.day <= until), Decimal(0))

    def segment(self, day: date, bar: Decimal, rules: dict[str, Any]) -> str:
        purchases, value = self.purchases(day), self.value(day)
        silent = (day - purchases[-1]).days
        if silent > rules["lost_after_days"]:
            return "lost"
        if silent > rules["at_risk_after_days"]:
            return "at_risk"
        if len(purchases) == 1 and silent <= rules["new_days"]:
            return "new"
        return "high_value" if len(purchases) > 1 and value > 0 and value >= bar else "potential"


def customers(bookings: Iterable[Booking]) -> list[Customer]:
    found: dict[str, list[Booking]] = {}
    for one in bookings:
        found.setdefault(one.person, []).append(one)
    return [Customer(person, tuple(own)) for person, own in found.items() if any(one.is_purchase for one in own)]


def high_value_from(who: list[Customer], day: date, share: Decimal) -> Decimal:
    return sorted((one.value(day) for one in who), reverse=True)[ceil(len(who) * share) - 1]


def segments(who: list[Customer], first: date, last: date, rules: dict[str, Any]) -> dict[tuple[date, str], tuple]:
    """(customers, net revenue, purchases, days since the last purchase) by day and segment."""
    bar = high_value_from(who, last, Decimal(str(rules["high_value_share"])))
    told = {}
    for day in days(first, last):
        for segment in ("high_value", "potential", "at_risk", "lost", "new"):
            own = [one for one in who if one.first <= day and one.segment(day, bar, rules) == segment]
            purchases = [one.purchases(day) for one in own]
            told[day, segment] = (
                len(own),
                sum((one.value(day) for one in own), Decimal(0)),
                sum(len(one) for one in purchases),
                sum((day - one[-1]).days for one in purchases),
            )
    return told


def cohort(who: list[Customer], month: date, last: date) -> Iterator[dict[str, Any]]:
    """What the customers who came in `month` did by and in each month up to that of `last`."""
    own = [one for one in who if one.first.replace(day=1) == month]
    while month <= last:
        end = following(month) - timedelta(1)
        booked = [one for customer in own for one in customer.bookings if one.day <= end]
        purchases = [customer.purchases(end) for customer in own]
        yield {
            "customers": len(own),
            "active": sum(any(day >= month for day in one) for one in purchases),
            "purchases": sum(day >= month for one in purchases for day in one),
            "repeat_customers": sum(len(one) > 1 for one in purchases),
            "cumulative_net_revenue": sum((one.net for one in booked), Decimal(0)),
            "cumulative_margin": sum((one.net - (one.cost or 0) for one in booked), Decimal(0)),
            "orders_without_cost": sum(one.cost is None and not one.is_credit_note for one in booked),
        }
        month = following(month)


def days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(1)


def following(month: date) -> date:
    return (month.replace(day=28) + timedelta(4)).replace(day=1)
