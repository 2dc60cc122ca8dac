"""What the marketing office keeps in its own sheets: budgets, targets, costs, mailings, experiments, events.

Each function returns rows in the column order of `inbox.HEADERS`; an empty string is a missing value.
"""

import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from simulator.adverts import clicks_on
from simulator.draws import generator
from simulator.market import Plan
from simulator.money import cents
from simulator.nouns import Customer, Event, Product, Visit
from simulator.origins import newsletter_campaign
from simulator.seasons import EPOCH, demand
from simulator.shop import promotions

Row = Sequence[object]

_BUDGET_CURRENCY = {"Paid Social": "GBP", "Paid Other": "EUR"}  # else USD
_MONTH_OF_SLIPS = 3  # each March somebody mistypes a budget and a target
_TO_USD = {"USD": 1.0, "EUR": 1.09, "GBP": 1.27}  # the office's rule of thumb
_TARGETS = (  # kpi, channel, per ordinary day
    ("net_revenue", "", 1150.0),
    ("orders", "", 7.0),
    ("new_customers", "", 3.6),
    ("leads", "", 5.4),
    ("won_deals", "", 0.3),
    ("leads", "Paid Search", 1.1),
)


def budgets(seed: int, scale: float, plans: Sequence[Plan], last_day: date) -> Iterator[Row]:
    """Per month and channel up to the month after `last_day`: what the plans should cost, more or less."""
    for month in months(_next_month(last_day)):
        planned: dict[str, float] = {}
        for day in _days_of(month):
            for plan in plans:
                if plan.runs_on(day):
                    cost = clicks_on(day, scale) * plan.share * plan.cost_of_click * _TO_USD[plan.account.currency]
                    planned[plan.channel] = planned.get(plan.channel, 0) + cost
        for channel, cost in sorted(planned.items()):
            currency = _BUDGET_CURRENCY.get(channel, "USD")
            amount = cost / _TO_USD[currency] * generator(seed, "budget", month, channel).uniform(0.88, 1.15)
            yield month, channel, cents(round(amount / 10) * 1000), currency, ""
        if month.month == _MONTH_OF_SLIPS:  # the channel is called Audio
            yield month, "Podcasts", cents(30_000), "USD", ""


def targets(seed: int, scale: float, last_day: date) -> Iterator[Row]:
    for month in months(_next_month(last_day)):
        busy = scale * sum(demand(day) for day in _days_of(month))
        for kpi, channel, daily in _TARGETS:
            target = max(1, round(daily * busy * generator(seed, "target", month, kpi, channel).uniform(0.9, 1.15)))
            floor, stretch = cents(target * 90), cents(target * 112)
            if month.month == _MONTH_OF_SLIPS and channel:  # typed the wrong way round
                floor, stretch = stretch, floor
            yield month, kpi, channel, floor, cents(target * 100), stretch


def costs(seed: int, scale: float, last_day: date) -> Iterator[Row]:
    """Agency and tools monthly, a fair in spring and in autumn."""
    size = max(1, round(scale**0.5))
    for month in months(last_day):
        due = [
            (month, "agency", 45_000, "USD", "Paid Search"),
            (month + timedelta(days=2), "tools", 12_900, "EUR", ""),
            (month + timedelta(days=14), "creative", 21_000, "GBP", "Paid Social"),
        ]
        if month.month in (3, 10):
            due.append((month + timedelta(days=10), "fair", 160_000, "EUR", ""))
        for day, kind, amount, currency, channel in due:
            if day <= last_day:
                wobble = generator(seed, "cost", day, kind).randint(90, 110)
                yield day, kind, cents(amount * size * wobble // 100), currency, channel, ""


def mailings(seed: int, scale: float, moment: datetime) -> Iterator[Row]:
    """A newsletter each Monday; opens and clicks come in over five days."""
    day = EPOCH
    while (sent_at := datetime.combine(day, time(6), UTC)) < moment:
        rng = generator(seed, "mailing", day)
        recipients = int(scale * (180 + 1.6 * (day - EPOCH).days) * rng.uniform(0.97, 1.03))
        bounces = recipients * rng.randint(8, 22) // 1000
        delivered = recipients - bounces
        hours = min(120, int((moment - sent_at).total_seconds()) // 3600)
        opens = delivered * rng.randint(24, 39) // 100 * hours // 120
        clicks = delivered * rng.randint(20, 55) // 1000 * hours // 120
        left = delivered * rng.randint(1, 6) // 1000 * hours // 120
        revenue = cents(clicks * rng.randint(300, 1100))
        name = newsletter_campaign(day)
        yield name, name, sent_at, recipients, delivered, opens, clicks, bounces, left, 0, revenue, "EUR"
        day += timedelta(days=7)


def promoted(products: Sequence[Product], last_day: date) -> Iterator[Row]:
    """Promotions are announced two weeks ahead."""
    for year in range(EPOCH.year, last_day.year + 2):
        for promotion in promotions(year):
            if promotion.starts_on - timedelta(days=14) > last_day:
                continue
            for product in products:
                if product.category == promotion.category and product.created_at.date() <= promotion.starts_on:
                    rate = Decimal(promotion.percent).scaleb(-2)
                    yield promotion.promotion_id, product.product_id, promotion.starts_on, promotion.ends_on, rate


def exposures(visits: Sequence[Visit]) -> Iterator[Row]:
    """Two experiments a year; a customer is exposed with the first visit logged in while one runs."""
    seen = set()
    for visit in visits:
        if not visit.customer_id:
            continue
        name = {
            3: "free_shipping_banner",
            4: "free_shipping_banner",
            9: "one_page_checkout",
            10: "one_page_checkout",
        }.get(visit.started_at.month)
        experiment = f"{name}_{visit.started_at.year}"
        if name is None or (experiment, visit.customer_id) in seen:
            continue
        seen.add((experiment, visit.customer_id))
        side = zlib.crc32(f"{experiment}/{visit.customer_id}".encode()) % 2
        yield experiment, ("control", "treatment")[side], visit.customer_id, visit.started_at


def events(seed: int, customers: Sequence[Customer], moment: datetime) -> Iterator[Event]:
    """What some customers took part in offline."""
    for customer in customers:
        rng = generator(seed, "event", customer.customer_id)
        if rng.random() > 0.2:
            continue
        name, channel = rng.choice(
            (("catalogue_mailed", "Direct Mail"), ("store_evening", "Events"), ("webinar", "Events"))
        )
        at = customer.created_at + timedelta(days=rng.randint(3, 120), seconds=rng.randint(0, 40_000))
        if at >= moment:
            continue
        by_id = rng.random() < 0.6
        campaign = f"{name}_{at.year}"
        yield Event(
            f"e{customer.customer_id}", at, name, customer.customer_id if by_id else "",
            "" if by_id else customer.email, channel, campaign,
        )  # fmt: skip


def months(last_day: date) -> Iterator[date]:
    """First days of the months from the epoch to the one of `last_day`."""
    month = EPOCH.replace(day=1)
    while month <= last_day:
        yield month
        month = _next_month(month)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _days_of(month: date) -> Iterator[date]:
    return (month + timedelta(days=n) for n in range((_next_month(month) - month).days))
