"""kpi_brand_search: searches for the brand against all others."""

import re
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from .money import NOUGHT, quotient, total, worth
from .reading import Row, World

MEASURES = ("impressions", "clicks", "spend")
DAYS_BEFORE = 28


def _words(text: str) -> list[str]:
    """A text's words, whatever their case and punctuation."""
    return re.findall(r"[^\W_]+", text.lower())


def names_brand(text: str, terms: list[str]) -> bool:
    words = _words(text)
    wanted = [_words(term) for term in terms]
    return any(term == words[n : n + len(term)] for term in wanted if term for n in range(len(words)))


def kpi_brand_search(world: World) -> list[Row]:
    terms = world.asked.told["brand_terms"]
    sums: dict[tuple[date, bool], dict] = defaultdict(lambda: dict.fromkeys(MEASURES, NOUGHT))
    days = set()
    for row in [*world["google_ads/search_terms"], *world["google_ads/campaign_search_terms"]]:
        day = row["date_day"]
        if day > world.asked.last:
            continue
        days.add(day)
        spend = worth(world, Decimal(row["cost_micros"]) / 1_000_000, row["currency"], day)
        cell = sums[day, names_brand(row["search_term"], terms)]
        for name, value in zip(MEASURES, (row["impressions"], row["clicks"], spend), strict=True):
            cell[name] = total((cell[name], Decimal(value)))
    told = [day for day in world.asked.days() if days and min(days) <= day <= max(days)]
    return [_row(day, sums, min(days), bool(terms)) for day in told]


def _row(day: date, sums, first: date, is_configured: bool) -> Row:
    brand, other = sums[day, True], sums[day, False]
    row: Row = {"date_day": day, **{name: brand[name] + other[name] for name in MEASURES}}
    for name in MEASURES:
        row[f"brand_{name}"] = brand[name] if is_configured else None
        row[f"other_{name}"] = other[name] if is_configured else None
    row["brand_share"] = quotient(row["brand_impressions"], row["impressions"])
    row["brand_click_share"] = quotient(row["brand_clicks"], row["clicks"])
    before = [day - timedelta(n) for n in range(1, DAYS_BEFORE + 1)]
    known = is_configured and before[-1] >= first
    mean = sum(sums[d, True]["impressions"] for d in before) / DAYS_BEFORE if known else None
    row["brand_index"] = quotient(row["brand_impressions"], mean, 100)
    return row
