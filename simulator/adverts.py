"""Ad platforms' days: what an ad showed, cost and claims, as the platform tells it at a moment.

A day is told in part while it lasts, its clicks and cost are corrected over the three days after it
(invalid clicks are credited), and the conversions claimed for it come in over ten days.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from simulator.draws import generator, poisson
from simulator.market import CLICK_RATE, Plan
from simulator.money import cents
from simulator.nouns import Account, Ad, AdDay, AdGroup, Campaign, Claim
from simulator.origins import PAID_SHARE
from simulator.seasons import demand

_VISITS = 150  # on an ordinary day at scale 1
_CLICKS_PER_VISIT = 1.2  # clicks that never became a visit
_CREDITED = (0, 1, 2, 3)  # thirds of the invalid clicks taken out, by whole days since the day's end
_MATURED = (40, 58, 68, 76, 82, 87, 91, 94, 96, 98, 100)  # percent of the claims known, by the same
_PURCHASE_RATE = {"search": 0.075, "performance_max": 0.085, "social": 0.06}
_LEAD_RATE = {"search": 0.04, "performance_max": 0.02, "social": 0.05}
_BASKET = 12500  # minor units


def ad_days(
    seed: int, scale: float, account: Account, plans: Sequence[Plan], first: date, last: date, moment: datetime
) -> Iterator[AdDay]:
    """Days `first` to `last` of the account's zone as visible at the moment; what had no impression is not told."""
    zone = ZoneInfo(account.timezone)
    latest = today(account, moment)
    shown = {plan.campaign_id: plan.as_of(latest) for plan in plans}
    day = first
    while day <= min(last, latest):
        seen = _Seen(day, zone, moment)
        rng = generator(seed, "ads", account.account_id, day)
        busy = clicks_on(day, scale)
        for plan in plans:
            if plan.runs_on(day):
                yield from _campaign_day(rng, plan, shown[plan.campaign_id], day, busy * plan.share, seen)
        day += timedelta(days=1)


def clicks_on(day: date, scale: float) -> float:
    """Clicks to be expected on a day if every campaign ran."""
    return _VISITS * scale * PAID_SHARE * _CLICKS_PER_VISIT * demand(day)


def today(account: Account, moment: datetime) -> date:
    """The account's day that the moment falls on (the day that just ended, at midnight)."""
    return (moment - timedelta(microseconds=1)).astimezone(ZoneInfo(account.timezone)).date()


class _Seen:
    """How much of a day's numbers is known at a moment."""

    def __init__(self, day: date, zone: ZoneInfo, moment: datetime) -> None:
        start = datetime.combine(day, time(), zone).astimezone(UTC)
        end = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
        self._length = int((end - start).total_seconds())
        self._elapsed = max(0, min(int((moment - start).total_seconds()), self._length))
        age = (moment - end) // timedelta(days=1)
        self._thirds = _CREDITED[max(0, min(age, 3))]
        self._percent = _MATURED[max(0, min(age, 10))]

    def so_far(self, count: int) -> int:
        return count * self._elapsed // self._length

    def credited(self, invalid: int) -> int:
        return invalid * self._thirds // 3

    def matured(self, count: int) -> int:
        return self.so_far(count) * self._percent // 100


def _campaign_day(
    rng: Random, plan: Plan, campaign: Campaign, day: date, clicks: float, seen: _Seen
) -> Iterator[AdDay]:
    mood = rng.lognormvariate(0, 0.18)
    places: list[tuple[AdGroup | None, Ad | None]]
    places = [(group, ad) for group in plan.ad_groups for ad in group.ads] or [(None, None)]
    name = plan.name_on(day)
    for number, (group, ad) in enumerate(places):
        mean = clicks * mood * (1.25 - 0.5 * number / max(1, len(places) - 1) if ad else 1.0) / len(places)
        raw_clicks = poisson(rng, mean)
        impressions = max(raw_clicks, poisson(rng, mean / CLICK_RATE[plan.kind]))
        cost = int(raw_clicks * plan.cost_of_click * 100 * rng.uniform(0.8, 1.25))
        invalid = sum(rng.random() < 0.07 for _ in range(raw_clicks)) if raw_clicks < 60 else int(raw_clicks * 0.07)
        claims = _claims(rng, plan, raw_clicks, seen)
        shown_impressions = seen.so_far(impressions)
        if not shown_impressions:
            continue
        shown_clicks, shown_cost = seen.so_far(raw_clicks), seen.so_far(cost)
        credited = seen.credited(invalid)
        if credited:  # only after the day's end, when all of it is there
            shown_cost -= cost * credited // raw_clicks
            shown_clicks -= credited
        yield AdDay(day, campaign, name, group, ad, shown_impressions, shown_clicks, cents(shown_cost), claims)


def _claims(rng: Random, plan: Plan, clicks: int, seen: _Seen) -> tuple[Claim, ...]:
    """What the platform claims, more than it caused. Google counts in fractions of a conversion,
    Meta in whole ones and in windows that contain each other."""
    purchases = poisson(rng, clicks * _PURCHASE_RATE.get(plan.kind, 0.03))
    leads = poisson(rng, clicks * _LEAD_RATE.get(plan.kind, 0.01))
    viewed = poisson(rng, clicks * 0.02) if plan.kind == "social" else 0
    share, basket = rng.uniform(0.7, 1.0), int(_BASKET * rng.lognormvariate(0, 0.3))
    if not purchases and not leads and not viewed:
        return ()
    if plan.kind != "social":
        hundredths = seen.matured(int(purchases * share * 100))
        made = (
            Claim("purchase", "", cents(hundredths), cents(hundredths * basket // 100)),
            Claim("lead", "", cents(seen.matured(leads * 100)), Decimal(0)),
        )
        return tuple(claim for claim in made if claim.conversions)
    in_7_days = seen.matured(purchases * 100) // 100
    in_1_day = in_7_days * 6 // 10
    seen_only = seen.matured(viewed * 100) // 100
    web = (in_7_days * 9 // 10, in_1_day * 9 // 10)
    lead_7, made = seen.matured(leads * 100) // 100, []
    for action, window, count, value in (
        ("omni_purchase", "1d_click", in_1_day, basket),
        ("omni_purchase", "7d_click", in_7_days, basket),
        ("omni_purchase", "1d_view", seen_only, basket),
        ("purchase", "1d_click", web[1], basket),
        ("purchase", "7d_click", web[0], basket),
        ("purchase", "1d_view", seen_only, basket),
        ("lead", "1d_click", lead_7 // 2, 0),
        ("lead", "7d_click", lead_7, 0),
    ):
        if count:
            made.append(Claim(action, window, Decimal(count), cents(count * value)))
    return tuple(made)
