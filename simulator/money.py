"""Reference rates of currencies, EUR to others: published on weekdays at 15:00 UTC, but on a few holidays."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from simulator.draws import generator
from simulator.nouns import Rate
from simulator.seasons import UTC

FIRST_RATE = date(2023, 11, 1)
_HOLIDAYS = {(1, 1), (12, 25), (12, 26)}
# currency: usual rate, daily wobble, digits
_CURRENCIES = {
    "USD": (1.09, 0.0042, 4),
    "GBP": (0.855, 0.0030, 5),
    "CHF": (0.955, 0.0028, 4),
    "SEK": (11.30, 0.0036, 4),
    "PLN": (4.28, 0.0034, 4),
    "JPY": (162.5, 0.0050, 2),
    "CNY": (7.80, 0.0040, 4),
}
CENT = Decimal("0.01")


def cents(amount: int) -> Decimal:
    """Minor units to a decimal amount with two places."""
    return Decimal(amount).scaleb(-2)


def rates(seed: int, moment: datetime) -> list[Rate]:
    """All rates published before the moment, by day and currency."""
    published = []
    state = {currency: usual for currency, (usual, _, _) in _CURRENCIES.items()}
    rng = generator(seed, "rates")
    day = FIRST_RATE
    while datetime.combine(day, time(15), UTC) < moment:
        if day.weekday() < 5 and (day.month, day.day) not in _HOLIDAYS:
            for currency, (usual, wobble, digits) in _CURRENCIES.items():
                pull = 0.01 * (usual - state[currency])
                state[currency] += pull + usual * wobble * rng.gauss(0, 1)
                rate = Decimal(round(state[currency] * 10**digits)).scaleb(-digits)
                published.append(Rate(day, "EUR", currency, rate))
        day += timedelta(days=1)
    return published
