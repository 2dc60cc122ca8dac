"""kpi_attribution: path models from credits, Markov and Shapley from their definitions."""

from collections import defaultdict
from datetime import datetime, time, timedelta
from decimal import Decimal

from . import adverts, kpi_daily
from .credits import conversions, credited, in_window
from .markov import removal_effects
from .money import NOUGHT, cut, quotient, rounded, total
from .reading import Row, World, once
from .visits import touches

PATH_MODELS = ("first_touch", "last_touch", "last_non_direct", "linear", "position_based", "time_decay")
TYPES = ("first_order", "repeat_order", "lead", "won_deal")
ALL = ("(all)",) * 4
NOWHERE = (adverts.NONE,) * 4
UNATTRIBUTED = "(unattributed)"
Sums = dict[tuple, list[Decimal]]  # [conversions, revenue] by day, type, channel, place, model


def _add(sums: Sums, key: tuple, share: Decimal, row: Row) -> None:
    cell = sums[key]
    cell[0] = total((cell[0], share * row["count"]))
    cell[1] = total((cell[1], share * (row["revenue"] or NOUGHT)))


def _by_paths(world: World, sums: Sums) -> None:
    for row in conversions(world):
        if "touches" not in row:
            continue
        if not row["touches"]:
            for model in PATH_MODELS:
                _add(sums, (row["date_day"], row["type"], UNATTRIBUTED, NOWHERE, model), Decimal(1), row)
            continue
        places = [
            adverts.meant(world, touch["channel"], touch["utm_campaign"], row["date_day"]) or NOWHERE
            for touch in row["touches"]
        ]
        for model in PATH_MODELS:
            shares = credited(model, row["at"], row["touches"])
            for touch, place, share in zip(row["touches"], places, shares, strict=True):
                _add(sums, (row["date_day"], row["type"], touch["channel"], place, model), share, row)


def _by_shapley(world: World, sums: Sums) -> None:
    """v(S) = conversions whose channels all lie in S: each conversion is split equally over its channels."""
    for row in conversions(world):
        if "touches" in row:
            channels = sorted({touch["channel"] for touch in row["touches"]}) or [UNATTRIBUTED]
            shares = [cut(Decimal(1) / len(channels), 9)] * (len(channels) - 1)
            for channel, share in zip(channels, [*shares, 1 - sum(shares, NOUGHT)], strict=True):
                _add(sums, (row["date_day"], row["type"], channel, ALL, "shapley"), share, row)


def _by_markov(world: World, sums: Sums) -> None:
    for kind in TYPES:
        shares = markov_shares(world, kind)
        for row in conversions(world):
            if row["type"] == kind and "touches" in row:
                split = shares if shares and row["touches"] else {UNATTRIBUTED: Decimal(1)}
                for channel, share in split.items():
                    _add(sums, (row["date_day"], kind, channel, ALL, "markov"), share, row)


def markov_shares(world: World, kind: str) -> dict[str, Decimal]:
    """Each channel's part of the removal effects, to 9 digits; the last channel takes the rest."""
    converted = [
        [touch["channel"] for touch in row["touches"]]
        for row in conversions(world)
        if row["type"] == kind and row.get("touches") and row["count"]
    ]
    who = {row["person"] for row in conversions(world) if row["type"] == kind}
    end = datetime.combine(world.asked.last + timedelta(1), time(), world.asked.zone)
    window = world.asked.told["attribution_windows"][kind]
    idle = [in_window(world, person, end, window) for person in touches(world) if person not in who]
    unconverted = [[touch["channel"] for touch in path] for path in idle if path]
    effects = {
        channel: rounded(Decimal(effect.numerator) / effect.denominator, 9)
        for channel, effect in removal_effects(converted, unconverted)
    }
    whole = sum(effects.values(), NOUGHT)
    if not whole:
        return {}
    names = sorted(effects)
    shares = {name: rounded(effects[name] / whole, 9) for name in names[:-1]}
    return shares | {names[-1]: 1 - sum(shares.values(), NOUGHT)}


@once
def _spend(world: World) -> dict[tuple, Decimal]:
    """By day, channel and place, and by day and channel with the place (all)."""
    found: dict[tuple, Decimal] = defaultdict(lambda: NOUGHT)
    for (day, channel, place), cell in kpi_daily.cells(world).items():
        if cell.get("spend"):
            for where in (place, ALL):
                found[day, channel, where] = total((found[day, channel, where], cell["spend"]))
    return found


def kpi_attribution(world: World) -> list[Row]:
    sums: Sums = defaultdict(lambda: [NOUGHT, NOUGHT])
    _by_paths(world, sums)
    _by_shapley(world, sums)
    _by_markov(world, sums)
    spent = _spend(world)
    keys = {key for key, cell in sums.items() if any(cell)}
    for day, channel, place in spent:
        models = ("markov", "shapley") if place == ALL else PATH_MODELS
        keys |= {(day, kind, channel, place, model) for kind in TYPES for model in models}
    return [_row(world, key, *sums[key], spent.get((key[0], key[2], key[3]), NOUGHT)) for key in keys]


def _row(world: World, key: tuple, count: Decimal, revenue: Decimal, spend: Decimal) -> Row:
    day, kind, channel, place, model = key
    told = None if kind == "lead" else revenue
    spend = spend if world.knows("ads") else None
    known = adverts.campaigns(world).get(place)
    return {
        "date_day": day, "conversion_type": kind, "channel": channel, "model": model,
        **dict(zip(adverts.PLACE, place, strict=True)), "campaign_name": known["campaign_name"] if known else place[-1],
        "conversions": count, "revenue": told, "spend": spend,
        "cac": quotient(spend, count), "roas": quotient(told, spend),
    }  # fmt: skip
