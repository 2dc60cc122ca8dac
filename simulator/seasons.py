"""When the business is busy: the epoch, days as numbers, the week, the year, the hours."""

import math
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from random import Random

EPOCH = date(2024, 1, 1)  # the first day of every world

_WEEKDAYS = (1.05, 1.02, 1.0, 1.0, 1.04, 0.92, 0.97)
_HOURS = range(24)
_VISITS_SO_FAR = tuple(
    accumulate((1, 1, 1, 1, 1, 2, 4, 6, 8, 9, 9, 8, 8, 8, 8, 8, 8, 9, 10, 11, 11, 9, 5, 3))
)  # by hour


def day_number(day: date) -> int:
    return (day - EPOCH).days


def day_of(number: int) -> date:
    return EPOCH + timedelta(days=number)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def demand(day: date) -> float:
    """How much busier than usual a day is: week, year, the weeks before the holidays, slow growth."""
    year = 1 + 0.10 * math.cos(2 * math.pi * (day.timetuple().tm_yday - 15) / 365.25)
    peak = 1.7 if (day.month, day.day) >= (11, 20) and (day.month, day.day) <= (11, 30) else 1.0
    if day.month == 12 and day.day <= 22:
        peak = 1.35
    growth = 1 + 0.08 * day_number(day) / 365
    return _WEEKDAYS[day.weekday()] * year * peak * min(growth, 1.6)


def seconds_of_day(rng: Random) -> int:
    hour = rng.choices(_HOURS, cum_weights=_VISITS_SO_FAR)[0]
    return hour * 3600 + int(rng.random() * 3600)
