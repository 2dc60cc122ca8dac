"""What people typed and where they were: the ad platforms' days, split further.

Only whole numbers that are already visible are split, so parts never exceed their whole at any moment, however the
day is restated. Of a search campaign's ad group a part was matched without a keyword; of Performance Max only a part
was searched for at all. Terms that too few people used are not told.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate, groupby, pairwise

from simulator.draws import generator
from simulator.market import COUNTRIES_OF_ACCOUNT
from simulator.money import cents
from simulator.nouns import AdDay, AdGroup, Campaign, Claim, CountryDay, Keyword, SearchDay

TOLD_FROM = 4  # impressions of a day; Google publishes no number
_WITHOUT_KEYWORD = 80  # parts of a thousand
# How a keyword of each type is met: the search, how it matches, its weight. The last ones are seldom told.
_MATCHES = {
    "EXACT": (("{}", "EXACT", 800), ("{}s", "NEAR_EXACT", 150), ("the {}", "NEAR_EXACT", 20)),
    "PHRASE": (
        ("{} sale", "PHRASE", 450), ("buy {}", "PHRASE", 300), ("{} near me", "NEAR_PHRASE", 120),
        ("{} with free delivery", "PHRASE", 15),
    ),
    "BROAD": (
        ("best {}", "BROAD", 420), ("{} reviews", "BROAD", 260), ("{} ideas", "BROAD", 150),
        ("is a {} worth it", "BROAD", 12), ("{} second hand", "BROAD", 8),
    ),
}  # fmt: skip
# Performance Max: the search and its weight; None is what was shown outside of search.
_PMAX_TERMS = (
    ("marketing mart", 160), ("marketing mart discount code", 60), ("oak furniture sale", 130), ("linen sheets", 110),
    ("ceramic lamp", 80), ("housewarming gift for a friend", 10), (None, 450),
)  # fmt: skip

Numbers = tuple[int, int, Decimal, tuple[Claim, ...]]  # impressions, clicks, cost, claims


@dataclass(frozen=True)
class _Search:
    keyword: Keyword | None
    term: str | None
    match_type: str
    weight: int


def search_days(seed: int, rows: Iterable[AdDay]) -> Iterator[SearchDay]:
    for (day, campaign, group), numbers in _by_ad_group(rows):
        found = _searches(campaign, group)
        if not found:
            continue
        rng = generator(seed, "searches", campaign.campaign_id, group and group.ad_group_id, day)
        weights = [1 + int(search.weight * rng.lognormvariate(0, 0.25)) for search in found]
        for search, (impressions, clicks, cost, claims) in zip(found, split(numbers, weights), strict=True):
            if search.term is not None and impressions:
                is_told = impressions >= TOLD_FROM
                yield SearchDay(
                    day, campaign, group, search.keyword, search.term, search.match_type, is_told,
                    impressions, clicks, cost, claims,
                )  # fmt: skip


def country_days(seed: int, rows: Iterable[AdDay]) -> Iterator[CountryDay]:
    for (day, campaign), numbers in _by_campaign(rows):
        shares = COUNTRIES_OF_ACCOUNT[campaign.account.account_id]
        rng = generator(seed, "countries", campaign.campaign_id, day)
        weights = [1 + int(share * rng.lognormvariate(0, 0.15)) for share in shares.values()]
        for place, (country, part) in enumerate(zip(shares, split(numbers, weights), strict=True)):
            if part[0]:
                yield CountryDay(day, campaign, country, place == 0, *part)


def split(numbers: Numbers, weights: Sequence[int]) -> list[Numbers]:
    """Parts that add up to the whole; none has more clicks than impressions, or cost and claims without a click."""
    impressions, clicks, cost, claims = numbers
    clicked, unclicked = _shares(clicks, weights), _shares(impressions - clicks, weights)
    paid = clicked if clicks else weights
    costs = _shares(_minor(cost), paid)
    counted = [(_shares(_minor(c.conversions), paid), _shares(_minor(c.value), paid)) for c in claims]
    return [
        (
            clicked[place] + unclicked[place],
            clicked[place],
            cents(costs[place]),
            tuple(
                Claim(claim.action, claim.window, cents(counts[place]), cents(values[place]))
                for claim, (counts, values) in zip(claims, counted, strict=True)
                if counts[place] or values[place]
            ),
        )
        for place in range(len(weights))
    ]


def _shares(total: int, weights: Sequence[int]) -> list[int]:
    whole = sum(weights)
    # halves up: rounding down would favour the last
    edges = [(2 * total * upto + whole) // (2 * whole) for upto in accumulate(weights)]
    return [edge - before for before, edge in pairwise([0, *edges])]


def _minor(amount: Decimal) -> int:
    return int(amount.scaleb(2))


def _searches(campaign: Campaign, group: AdGroup | None) -> list[_Search]:
    if campaign.kind == "performance_max":
        return [_Search(None, term, "PERFORMANCE_MAX", weight) for term, weight in _PMAX_TERMS]
    if group is None or not group.keywords:
        return []
    found = [
        _Search(keyword, text.format(keyword.text), match_type, weight)
        for keyword in group.keywords
        for text, match_type, weight in _MATCHES[keyword.match_type]
    ]
    return [*found, _Search(None, f"{group.name.lower()} shop", "BROAD", _WITHOUT_KEYWORD)]


def _by_ad_group(rows: Iterable[AdDay]) -> Iterator[tuple[tuple[date, Campaign, AdGroup | None], Numbers]]:
    """Ad days come with those of an ad group together."""
    for _, some in groupby(rows, lambda row: (row.date_day, row.campaign.campaign_id, _group_id(row))):
        ads = list(some)
        yield (ads[0].date_day, ads[0].campaign, ads[0].ad_group), _total(ads)


def _by_campaign(rows: Iterable[AdDay]) -> Iterator[tuple[tuple[date, Campaign], Numbers]]:
    for _, some in groupby(rows, lambda row: (row.date_day, row.campaign.campaign_id)):
        ads = list(some)
        yield (ads[0].date_day, ads[0].campaign), _total(ads)


def _group_id(row: AdDay) -> str:
    return row.ad_group.ad_group_id if row.ad_group else ""


def _total(ads: Sequence[AdDay]) -> Numbers:
    claims: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
    for claim in (claim for ad in ads for claim in ad.claims):
        count, value = claims.get((claim.action, claim.window), (Decimal(0), Decimal(0)))
        claims[claim.action, claim.window] = (count + claim.conversions, value + claim.value)
    return (
        sum(ad.impressions for ad in ads),
        sum(ad.clicks for ad in ads),
        sum((ad.cost for ad in ads), Decimal(0)),
        tuple(Claim(*key, *numbers) for key, numbers in claims.items()),
    )
