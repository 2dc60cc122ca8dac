"""How much each size measures."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

FULL_AD_ROWS, FULL_ORDERS, FULL_SESSIONS = 20_000_000, 5_000_000, 60_000_000


@dataclass(frozen=True)
class Size:
    """`world_share`: of the 3-year world; `rounds`: how often competing commands run, alternating."""

    name: str
    world_share: Fraction
    first_day: date
    last_day: date
    build_rounds: int
    extract_rows: int
    extract_rounds: int
    peak_rows: tuple[int, ...]
    identifiers: int = 1_000_000
    rows_per_page: int = 10_000


_YEARS = (date(2022, 7, 1), date(2025, 6, 30))
SIZES = {
    "small": Size("small", Fraction(1, 200), *_YEARS, 3, 100_000, 3, (100_000, 1_000_000)),
    "full": Size("full", Fraction(1), *_YEARS, 1, 500_000, 3, (1_000_000, 10_000_000), 10_000_000),
}
