"""The channel of a visit and of spend.

Visits: Analytics Help, "[GA4] Default channel group" (support.google.com/analytics/answer/9756891), in the page's
order, read without regard to case. Which sites are search, shopping, social or video sites is data: dbt's seed.
"""

import csv
import re
from functools import cache
from pathlib import Path

from .reading import World, once

SEEDS = Path(__file__).parents[2] / "dbt_project" / "seeds"
SOCIAL_MEDIA = ("social", "social-network", "social-media", "sm", "social network", "social media")
MAIL = ("email", "e-mail", "e_mail", "e mail")


def seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows, name
    return rows


@cache
def _sites() -> dict[str, str]:
    return {row["source"]: row["category"] for row in seed("source_categories")}


@cache
def _social_platforms() -> dict[str, str]:
    return {row["platform"]: row["channel"] for row in seed("ad_platforms")}


@once
def paid_channels(world: World) -> set[str]:
    return {row["channel"] for row in seed("channels") if row["is_paid"] == "true"}


def _by_rule(world: World, source: str, medium: str, campaign: str) -> str | None:
    for rule in world.asked.told["channel_rules"]:
        told = {"source": source, "medium": medium, "campaign": campaign}
        if all(re.fullmatch(rule[name], told[name], re.I) for name in told if rule.get(name) is not None):
            return rule["channel"]
    return None


def of_visit(world: World, source: str | None, medium: str | None, campaign: str | None) -> str:
    source, medium, campaign = ((text or "").lower() for text in (source, medium, campaign))
    if channel := _by_rule(world, source, medium, campaign):
        return channel
    site = _sites().get(source)
    is_paid = re.fullmatch(r".*cp.*|ppc|retargeting|paid.*", medium) is not None
    is_shop = site == "shopping" or re.fullmatch(r".*(([^a-df-z]|^)shop|shopping).*", campaign) is not None
    rules = (
        ("Direct", source in ("", "direct", "(direct)") and medium in ("", "(not set)", "(none)")),
        ("Cross-network", "cross-network" in campaign),
        ("Paid Shopping", is_shop and is_paid),
        ("Paid Search", site == "search" and is_paid),
        ("Paid Social", site == "social" and is_paid),
        ("Paid Video", site == "video" and is_paid),
        ("Display", medium in ("display", "banner", "expandable", "interstitial", "cpm")),
        ("Paid Other", is_paid),
        ("Organic Shopping", is_shop),
        ("Organic Social", site == "social" or medium in SOCIAL_MEDIA),
        ("Organic Video", site == "video" or "video" in medium),
        ("AI Assistant", site == "ai_assistant" or medium == "ai-assistant"),
        ("Organic Search", site == "search" or medium == "organic"),
        ("Referral", medium in ("referral", "app", "link")),
        ("Email", source in MAIL or medium in MAIL),
        ("Affiliates", medium in ("affiliate", "affiliates")),
        ("Audio", medium == "audio"),
        ("SMS", "sms" in (source, medium)),
        (
            "Mobile Push Notifications",
            medium.endswith("push") or "mobile" in medium or "notification" in medium or source == "firebase",
        ),
    )
    return next((channel for channel, is_so in rules if is_so), "Unassigned")


def of_spend(platform: str, campaign_type: str | None, said: str | None = None) -> str:
    """`said`: by the row itself, which goes before the platform and the type."""
    if said:
        return said
    if channel := _social_platforms().get(platform.lower()):
        return channel
    kinds = {"search": "Paid Search", "performance_max": "Cross-network", "demand_gen": "Cross-network"}
    return kinds.get((campaign_type or "").lower(), "Paid Other")
