"""Where visits come from: the values a tracker sees (source, medium, campaign …) and the true channel.

The channel is the one that GA4's default channel group gives to those values
(https://support.google.com/analytics/answer/9756891), so that who reads only the values can know it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate
from random import Random

from simulator.market import SITE, Plan

PAID_SHARE = 0.42  # of the visits of an ordinary day


@dataclass(frozen=True, slots=True)
class Origin:
    source: str
    medium: str
    campaign: str
    referrer: str
    channel: str
    plan: Plan | None = None


DIRECT = Origin("", "", "", "", "Direct")
_NEWSLETTER = Origin("newsletter", "email", "", "", "Email")

# origin, weight among visits of newcomers, of people who come back, of people who look for an offer (leads)
_UNPAID = (
    (DIRECT, 0.10, 0.46, 0.12),
    (_NEWSLETTER, 0.02, 0.26, 0.05),
    (Origin("google", "organic", "", "https://www.google.com/", "Organic Search"), 0.20, 0.14, 0.24),
    (Origin("bing", "organic", "", "https://www.bing.com/", "Organic Search"), 0.04, 0.02, 0.06),
    (Origin("duckduckgo", "organic", "", "https://duckduckgo.com/", "Organic Search"), 0.02, 0.01, 0.02),
    (Origin("instagram", "social", "", "https://l.instagram.com/", "Organic Social"), 0.05, 0.03, 0.02),
    (Origin("facebook.com", "referral", "", "https://www.facebook.com/", "Organic Social"), 0.03, 0.02, 0.01),
    (Origin("linkedin.com", "referral", "", "https://www.linkedin.com/", "Organic Social"), 0.01, 0.0, 0.06),
    (Origin("homeblog.example.org", "referral", "", "https://homeblog.example.org/oak", "Referral"), 0.05, 0.02, 0.03),
    (Origin("trade.example.net", "referral", "", "https://trade.example.net/list", "Referral"), 0.01, 0.0, 0.06),
    (Origin("youtube.com", "referral", "", "https://www.youtube.com/", "Organic Video"), 0.01, 0.0, 0.01),
    (Origin("chatgpt.com", "ai-assistant", "(ai-assistant)", "https://chatgpt.com/", "AI Assistant"), 0.02, 0.01, 0.04),
    (Origin("partnernet", "affiliate", "spring_partners", "", "Affiliates"), 0.02, 0.01, 0.0),
    (Origin("flyer", "print", "city_flyer", "", "Unassigned"), 0.01, 0.01, 0.01),
)
NEWCOMER, RETURNING, LEAD = 0, 1, 2
_PAID = (PAID_SHARE, 0.12, 0.40)  # of the same three
# Links that somebody got wrong: a campaign's utm_campaign -> what a part of its visits says instead. A slip of the pen,
# a link without it, another spelling. Together the first two are about 1 of 100 paid visits.
_WRONG_LINKS = {
    "us_search_generic": ("us_search_generik", 0.05),
    "uk_prospecting": ("", 0.04),
    "us_prospecting": ("US-Prospecting", 0.10),
}
_PATHS = ("/", "/collections/bedroom", "/collections/living-room", "/collections/lighting", "/journal/linen-guide")


class Origins:
    """Draws origins by day, since campaigns start, end and pause."""

    def __init__(self, plans: Sequence[Plan]) -> None:
        self._paid = [
            (plan, Origin(plan.utm_source, plan.utm_medium, plan.utm_campaign, _referrer(plan), plan.channel, plan))
            for plan in plans
        ]
        self._days: dict[tuple[date, int], tuple[list[Origin], list[float]]] = {}

    def draw(self, rng: Random, day: date, mood: int, count: int) -> list[Origin]:
        known = self._days.get((day, mood))
        if known is None:
            known = self._days[(day, mood)] = self._weigh(day, mood)
        return rng.choices(known[0], cum_weights=known[1], k=count)

    def _weigh(self, day: date, mood: int) -> tuple[list[Origin], list[float]]:
        origins, weights = [], []
        for origin, *by_mood in _UNPAID:
            origins.append(origin if origin is not _NEWSLETTER else newsletter(day))
            weights.append(by_mood[mood])
        for plan, origin in self._paid:
            if plan.runs_on(day):
                weight = plan.share * _PAID[mood]
                if plan.utm_campaign in _WRONG_LINKS:
                    campaign, part = _WRONG_LINKS[plan.utm_campaign]
                    origins.append(replace(origin, campaign=campaign))
                    weights.append(weight * part)
                    weight *= 1 - part
                origins.append(origin)
                weights.append(weight)
        return origins, list(accumulate(weights))


def newsletter_campaign(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"newsletter-{year}-w{week:02d}"


def newsletter(day: date) -> Origin:
    return Origin("newsletter", "email", newsletter_campaign(day), "", "Email")


def landing(rng: Random, origin: Origin) -> tuple[str, str, str, str]:
    """content, term, click id and landing URL of a visit from `origin`."""
    if origin.plan is None:
        url = SITE + _PATHS[int(rng.random() * len(_PATHS))]
        if origin.medium in ("email", "affiliate", "print"):
            url += f"?utm_source={origin.source}&utm_medium={origin.medium}&utm_campaign={origin.campaign}"
        return "", "", "", url
    plan, bits = origin.plan, rng.getrandbits(64)
    if plan.ad_groups:
        group = plan.ad_groups[bits % len(plan.ad_groups)]
        ad = group.ads[(bits >> 8) % len(group.ads)]
        tag = "utm_campaign="
        content, url = ad.ad_id, ad.final_url.replace(f"{tag}{plan.utm_campaign}", f"{tag}{origin.campaign}")
    else:
        content = ""
        url = f"{SITE}/?utm_source={origin.source}&utm_medium={origin.medium}&utm_campaign={origin.campaign}"
    term = plan.terms[(bits >> 16) % len(plan.terms)] if plan.terms else ""
    if plan.account.platform == "google_ads":
        click_id = f"Cj0KCQ{bits:016x}"
        return content, term, click_id, f"{url}&gclid={click_id}"
    click_id = f"IwAR{bits:016x}"
    return content, term, click_id, f"{url}&fbclid={click_id}"


def _referrer(plan: Plan) -> str:
    if plan.account.platform == "meta_ads":
        return f"https://l.{plan.utm_source}.com/"
    return "https://www.google.com/" if plan.kind == "search" else ""
