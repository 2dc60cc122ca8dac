"""What ads cost and what platforms claim, by campaign and day; and which campaign a text means."""

from datetime import date
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

from . import channels
from .money import NOUGHT, worth
from .reading import Row, World, grouped, once

REST = "(unallocated)"
NONE = "(none)"
SEPARATORS = " _-+|/.:"
PLACE = ("source", "platform", "account_id", "campaign_id")


def _google(row: Row) -> Row:
    kind = row.get("advertising_channel_type")
    return {
        **_common("google_ads", row),
        "spend_local": Decimal(row["cost_micros"]) / 1_000_000,
        "campaign_type": kind.lower() if kind else None,
        "ad_id": row.get("ad_id"),
    }


def _meta(row: Row) -> Row:
    kind = row.get("objective")
    return {
        **_common("meta_ads", row), "spend_local": row["spend"], "ad_id": row.get("ad_id"),
        "campaign_type": kind.lower() if kind else None,
    }  # fmt: skip


def _common(source: str, row: Row) -> Row:
    names = ("date_day", "account_id", "account_name", "currency", "impressions", "clicks")
    told = {name: row[name] for name in names}
    return {
        **told, "source": source, "platform": source,
        "campaign_id": row.get("campaign_id"), "campaign_name": row.get("campaign_name"),
    }  # fmt: skip


def _less(above: Row, below: list[Row], **changes) -> Row | None:
    """What a row holds beyond its parts; None where nothing is left."""
    rest = {
        name: above[name] - sum((part[name] for part in below), NOUGHT if name == "spend_local" else 0)
        for name in ("impressions", "clicks", "spend_local")
    }
    return {**above, **changes, **rest} if any(rest.values()) else None


@once
def ad_days(world: World) -> list[Row]:
    """A row per ad and day, with what campaigns and accounts hold beyond it, in reporting currency."""
    ads = [_google(row) for row in world["google_ads/ad_performance"]]
    campaigns = [_google(row) for row in world["google_ads/campaign_performance"]]
    below = grouped(ads, "date_day", "account_id", "campaign_id")
    for row in campaigns:
        key = row["date_day"], row["account_id"], row["campaign_id"]
        ads += filter(None, [_less(row, below.get(key, []), ad_id=REST)])
    ads += [_meta(row) for row in world["meta_ads/ad_insights"]]
    accounts = [_google(row) for row in world["google_ads/account_performance"]]
    accounts += [_meta(row) for row in world["meta_ads/account_insights"]]
    below = grouped(ads, "source", "date_day", "account_id")
    for row in accounts:
        key = row["source"], row["date_day"], row["account_id"]
        ads += filter(
            None, [_less(row, below.get(key, []), campaign_id=REST, campaign_name=REST, ad_id=REST, campaign_type=None)]
        )
    ads += [
        {
            **_common("files", row), "platform": row["platform"], "ad_id": row["ad_id"] or REST,
            "spend_local": row["spend"], "campaign_type": None, "said": row["channel"],
        }
        for row in world["files/ad_performance"]
    ]  # fmt: skip
    ads = [row for row in ads if row["date_day"] <= world.asked.last]
    for row in ads:
        row["channel"] = channels.of_spend(row["platform"], row["campaign_type"], row.get("said"))
        row["spend"] = worth(world, row["spend_local"], row["currency"], row["date_day"])
    return ads


@once
def claims(world: World) -> list[Row]:
    """A row per campaign (Meta: ad), type, window and day that something is claimed for."""
    assert not any(row["conversions"] for row in world["files/ad_performance"]), "this reading knows no files' claims"
    found = []
    for row in world["google_ads/conversions"]:
        kind = row["conversion_action_category"].lower()
        found.append(_claim(world, "google_ads", row, kind, "", row["conversions"], row["conversions_value"]))
    for row in world["meta_ads/ad_insights"]:
        for action in row["actions"] or []:
            kind, window = action["action_type"], action["attribution_window"]
            found.append(_claim(world, "meta_ads", row, kind, window, action["conversions"], action["value"]))
    return [row for row in found if row["date_day"] <= world.asked.last]


def _claim(world: World, source: str, row: Row, kind: str, window: str, count, value) -> Row:
    declared = world.asked.told["declared_claims"].get(source, {})
    amount = worth(world, value or NOUGHT, row["currency"], row["date_day"])
    return {
        "source": source, "platform": source, "date_day": row["date_day"], "account_id": row["account_id"],
        "campaign_id": row["campaign_id"], "conversion_type": kind, "attribution_window": window,
        "conversions": count, "value": amount, "value_local": value or NOUGHT, "ad_id": row.get("ad_id"),
        "is_declared": declared == {"conversion_type": kind, "attribution_window": window},
    }  # fmt: skip


@once
def campaigns(world: World) -> dict[tuple, Row]:
    """Each campaign, (unallocated) ones included, as its latest landed day shows it."""
    newest: dict[tuple, Row] = {}
    for row in sorted(ad_days(world), key=lambda row: row["date_day"]):
        newest[tuple(row[name] for name in PLACE)] = row
    return newest


def key_of(text: str) -> str:
    """A text without case and separators."""
    return "".join(sign for sign in text.lower() if sign not in SEPARATORS)


LEVELS = ("ad", "ad_group", "campaign", "account")


def _link_campaigns(world: World) -> dict[tuple, set[str]]:
    """By place: what the links of a campaign's ads say their utm_campaign is."""
    found: dict[tuple, set[str]] = {}
    for row in world["google_ads/ads"]:
        suffix, template = (_nearest(row, kind) for kind in ("url_suffix", "url_template"))
        if template and template.startswith("{lpurl}"):
            suffix = "&".join(part for part in (template.removeprefix("{lpurl}").lstrip("?&"), suffix) if part)
        _add_links(found, "google_ads", row, row["final_urls"], suffix, "{campaignid}")
    for row in world["meta_ads/ads"]:
        _add_links(found, "meta_ads", row, row["urls"], row["url_tags"], "{{campaign.id}}")
    return found


def _nearest(row: Row, kind: str) -> str | None:
    """What the most specific level says that says anything."""
    return next((row[f"{level}_{kind}"] for level in LEVELS if row[f"{level}_{kind}"]), None)


def _add_links(found: dict[tuple, set[str]], source: str, row: Row, urls, parameters, placeholder: str) -> None:
    place = source, source, row["account_id"], row["campaign_id"]
    for url in urls or []:
        query = "&".join(part for part in (urlsplit(url).query, parameters) if part)
        for value in parse_qs(query).get("utm_campaign", [])[:1]:
            found.setdefault(place, set()).add(value.replace(placeholder, row["campaign_id"]))


@once
def meanings(world: World) -> dict[tuple[str, str], list[tuple[date, tuple]]]:
    """By channel and key: the campaigns that it means, each from a day on, oldest first. Of those that begin on one
    day the one that lasts longest, then the first by its place."""
    seen: dict[tuple, dict[tuple, list[date]]] = {}
    for channel, place, text, preference, day in spellings(world):
        seen.setdefault((channel, key_of(text)), {}).setdefault((preference, place), []).append(day)
    found: dict[tuple[str, str], list[tuple[date, tuple]]] = {}
    for key, days_of in seen.items():
        sure = min(days_of)[0]
        spans = {place: (min(days), max(days)) for (preference, place), days in days_of.items() if preference == sure}
        found[key] = []
        for first in sorted({first for first, _last in spans.values()}):
            longest = max(last for begun, last in spans.values() if begun == first)
            found[key].append((first, min(place for place, span in spans.items() if span == (first, longest))))
    return found


@once
def spellings(world: World) -> list[tuple]:
    """(channel, place, text, preference, day): 1 its id, 2 its links' utm_campaign, 3 a name, on a day seen so."""
    found = set()
    links = _link_campaigns(world)
    for row in ad_days(world):
        place = tuple(row[name] for name in PLACE)
        if row["campaign_id"] == REST:
            continue
        texts = [(row["campaign_id"], 1), (row["campaign_name"], 3), *((text, 2) for text in links.get(place, ()))]
        found |= {(row["channel"], place, text, sure, row["date_day"]) for text, sure in texts if text}
    return sorted(found)


def meant(world: World, channel: str, text: str, day: date) -> tuple | None:
    """The place of the campaign that a utm_campaign means in a channel on a day."""
    periods = meanings(world).get((channel, key_of(text))) if text else None
    if not periods:
        return None
    begun = [place for first, place in periods if first <= day]
    return begun[-1] if begun else periods[0][1]


def claiming(world: World) -> set[tuple[str, str]]:
    """(source, platform) of those that ever made their declared claim."""
    return {(row["source"], row["platform"]) for row in claims(world) if row["is_declared"]}
