"""Rates and amounts, with rounding of their own: half away from zero."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext

from .reading import World, once

NOUGHT = Decimal(0)
OLDEST = 7  # days that a published rate holds on


def rounded(value: Decimal, places: int) -> Decimal:
    with localcontext() as context:
        context.prec = 80
        return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def cut(value: Decimal, places: int) -> Decimal:
    """What is left when all digits after `places` are left out."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_DOWN)


def total(values: Iterable[Decimal]) -> Decimal:
    with localcontext() as context:
        context.prec = 80
        return sum(values, NOUGHT)


def quotient(above, below, times: int = 1) -> float | None:
    """A ratio of sums: null where either is unknown or the divisor is nought."""
    if above is None or below is None or not below:
        return None
    with localcontext() as context:
        context.prec = 40
        return float(Decimal(above) * times / Decimal(below))


@once
def _published(world: World) -> dict[tuple[str, str], dict[date, tuple[Decimal, Decimal]]]:
    """By ordered pair and day: what an amount is multiplied by, and divided by."""
    legs: dict[tuple[str, str], dict[date, tuple[Decimal, Decimal]]] = {}
    for row in world["files/fx_rates"]:
        here, there, rate = row["from_currency"], row["to_currency"], row["rate"]
        legs.setdefault((here, there), {})[row["date_day"]] = (rate, Decimal(1))
        if row["date_day"] not in legs.get((there, here), {}):
            legs.setdefault((there, here), {})[row["date_day"]] = (Decimal(1), rate)
    for row in world["files/fx_rates"]:  # what is published for a direction itself goes before its inverse
        legs[row["from_currency"], row["to_currency"]][row["date_day"]] = (row["rate"], Decimal(1))
    return legs


def _leg(world: World, here: str, there: str, day: date) -> tuple[date, Decimal, Decimal] | None:
    days = _published(world).get((here, there), {})
    for age in range(OLDEST + 1):
        if day - timedelta(age) in days:
            return day - timedelta(age), *days[day - timedelta(age)]
    return None


def rate(world: World, currency: str, day: date) -> Decimal:
    """What one unit is worth in reporting currency, to 16 decimals."""
    to = world.asked.currency
    if currency == to:
        return Decimal(1)
    known = world.memo.setdefault("rates", {})
    if (currency, day) not in known:
        known[currency, day] = rounded(_worth(world, currency, to, day), 16)
    return known[currency, day]


def _worth(world: World, currency: str, to: str, day: date) -> Decimal:
    with localcontext() as context:
        context.prec = 60
        if direct := _leg(world, currency, to, day):
            return direct[1] / direct[2]
        middles = sorted({there for here, there in _published(world) if here == currency})
        for middle in middles:  # one base in the worlds that are read here
            first, second = _leg(world, currency, middle, day), _leg(world, middle, to, day)
            if first and second:
                return first[1] * second[1] / (first[2] * second[2])
    raise LookupError(f"no rate of {currency} on {day}")


def worth(world: World, amount: Decimal | None, currency: str, day: date) -> Decimal | None:
    """An amount in reporting currency, to 10 decimals."""
    if amount is None:
        return None
    with localcontext() as context:
        context.prec = 60
        return rounded(amount * rate(world, currency, day), 10)
