"""kpi_utm_audit, kpi_utm_share: spend and visits that do not find each other (docs/links.md)."""

from collections import defaultdict
from datetime import timedelta

from . import adverts, channels, visits
from .money import NOUGHT, quotient, total
from .reading import Row, World, once

UNMAPPED = ("no_campaign", "unknown_campaign", "other_channel")
NOWHERE = (adverts.NONE,) * 4


@once
def channels_with_spend(world: World) -> set[str]:
    return {row["channel"] for row in adverts.ad_days(world)}


@once
def paid_visits(world: World) -> dict[tuple, int]:
    """By day, channel, place, utm_campaign and finding: visits of the KPI days in channels that are looked at."""
    paid, texts = channels.paid_channels(world), {entry[1:3] for entry in adverts.spellings(world)}
    found: dict[tuple, int] = defaultdict(int)
    for row in visits.visits(world):
        if not (row["is_counted"] and row["channel"] in paid and world.asked.is_kpi_day(row["date_day"])):
            continue
        channel, text, day = row["channel"], row["utm_campaign"], row["date_day"]
        place = adverts.meant(world, channel, text, day)
        elsewhere = None if place else _elsewhere(world, channel, text, day)
        if place:
            finding = None if (place, text) in texts else "naming_deviation"
        else:
            finding = "other_channel" if elsewhere else "unknown_campaign" if adverts.key_of(text) else "no_campaign"
        if channel in channels_with_spend(world) or elsewhere:
            found[day, channel, place or NOWHERE, text, finding] += 1
    return found


def _elsewhere(world: World, channel: str, text: str, day) -> tuple | None:
    """The campaign of another channel that a text means."""
    others = sorted(channels_with_spend(world) - {channel})
    return next((place for other in others if (place := adverts.meant(world, other, text, day))), None)


def kpi_utm_audit(world: World) -> list[Row]:
    found = []
    for (day, channel, place, text, finding), count in paid_visits(world).items():
        if finding:
            found.append(_row(world, day, finding, channel, place, text, count, None, None))
    return found + list(_unvisited(world))


def _row(world: World, day, finding, channel, place, text, sessions, spend, clicks) -> Row:
    name = adverts.campaigns(world)[place]["campaign_name"] if place != NOWHERE else adverts.NONE
    return {
        "date_day": day, "finding": finding, "channel": channel, **dict(zip(adverts.PLACE, place, strict=True)),
        "campaign_name": name, "utm_campaign": text, "sessions": sessions, "spend": spend, "clicks": clicks,
    }  # fmt: skip


def _unvisited(world: World):
    """Campaigns that cost something on the day, and had clicks and no visit in the 7 days up to it."""
    spend, clicks, named = defaultdict(lambda: NOUGHT), defaultdict(int), set()
    for row in adverts.ad_days(world):
        key = row["date_day"], row["channel"], tuple(row[name] for name in adverts.PLACE)
        spend[key], clicks[key] = total((spend[key], row["spend"])), clicks[key] + row["clicks"]
    for day, channel, place, _text, _finding in paid_visits(world):
        named.add((day, channel, place))
    tracked = {row["date_day"] for row in visits.visits(world) if row["source"] == "files"}
    paid = channels.paid_channels(world)
    for (day, channel, place), cost in spend.items():
        if not (cost > 0 and day in tracked and world.asked.is_kpi_day(day) and channel in paid):
            continue
        if place[-1] == adverts.REST:
            continue
        week = [(day - timedelta(n), channel, place) for n in range(7)]
        if sum(clicks.get(key, 0) for key in week) and not named.intersection(week):
            yield _row(world, day, "spend_without_sessions", channel, place, "", 0, cost, clicks[day, channel, place])


def kpi_utm_share(world: World) -> list[Row]:
    paid, unmapped = defaultdict(int), defaultdict(int)
    for (day, _channel, _place, _text, finding), count in paid_visits(world).items():
        paid[day] += count
        unmapped[day] += count if finding in UNMAPPED else 0
    if not paid:
        return []
    return [_share(world, day, paid, unmapped) for day in world.asked.days()]


def _share(world: World, day, paid, unmapped) -> Row:
    days = [day - timedelta(n) for n in range(28)]
    whole, lost = sum(paid[d] for d in days), sum(unmapped[d] for d in days)
    return {
        "date_day": day, "paid_sessions": paid[day], "unmapped_sessions": unmapped[day],
        "unmapped_share": quotient(unmapped[day], paid[day]), "paid_sessions_28d": whole,
        "unmapped_sessions_28d": lost, "unmapped_share_28d": quotient(lost, whole),
        "max_unmapped_share": float(world.asked.told["max_unmapped_share"]),
    }  # fmt: skip
