"""The true totals, read from a view by the shortest way: plain dictionaries, no SQL, no shared code.

Who is who (`identity`) and which touch earns a channel is worked out from what is visible, not from the world's own
knowledge, since nobody outside could know more.
"""

import csv
import io
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from simulator.atomic import write_atomically
from simulator.identity import Identifier, Persons, normal_email
from simulator.nouns import Order, View
from simulator.seasons import EPOCH, midnight

HEADER = ("date_day", "source", "channel", "metric", "currency", "value")
DIRECT, UNATTRIBUTED = "Direct", "(unattributed)"
WINDOW = timedelta(days=30)
_STAGE_METRICS = {"leads": "lead", "mqls": "marketingqualifiedlead", "sqls": "salesqualifiedlead"}

Key = tuple[date, str, str, str, str]  # the columns of HEADER without the value


def write(view: View, path: Path, timezone: str = "UTC") -> None:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(HEADER)
    for key, value in sorted(totals(view, timezone).items()):
        rows.writerow([*key, f"{value:f}"])
    write_atomically(path, text.getvalue())


def totals(view: View, timezone: str = "UTC") -> dict[Key, Decimal]:
    """Every total of the visible history that is not zero. Ad rows are on their account's day,
    everything else on the day of `timezone`."""
    zone = ZoneInfo(timezone)
    sums: dict[Key, Decimal] = defaultdict(Decimal)
    people = People(view)
    for day, source, channel, metric, currency, value in (
        *_adverts(view),
        *_sessions(view, zone),
        *_orders(view, people, zone),
        *_crm(view, people, zone),
    ):
        sums[(day, source, channel, metric, currency)] += value
    return {key: value for key, value in sums.items() if value}


class People(Persons):
    """Persons and their touches: each visit is one of whose it was."""

    def __init__(self, view: View) -> None:
        super().__init__(view)
        touches: dict[Identifier, list[tuple[datetime, str, str]]] = defaultdict(list)
        for visit in view.visits():
            touches[self.of_visit(visit)].append((visit.started_at, visit.visit_id, visit.channel))
        for event in view.events():
            told = self._telling([("customer", event.customer_id), ("email", normal_email(event.email))])
            if told:
                touches[self.person(told[0])].append((event.occurred_at, event.event_id, event.channel))
        for letter in view.email_events(midnight(EPOCH), view.moment):
            reader = self._telling([("email", normal_email(letter.recipient))])
            if reader and letter.kind == "CLICK" and not letter.is_filtered and letter.obsoleted_by is None:
                touches[self.person(reader[0])].append((letter.occurred_at, letter.event_id, "Email"))
        for order in view.orders():
            for visit in () if order.is_test else order.visits:
                touches[self.of_order(order)].append((visit.started_at, visit.visit_id, visit.channel))
        self._touches = {person: sorted(theirs) for person, theirs in touches.items()}

    def channel(self, identifier: Identifier, at: datetime) -> str:
        """Channel of the latest touch that is not direct, up to `at` and at most WINDOW before it."""
        touches = self._touches.get(self.person(identifier), [])
        found = UNATTRIBUTED
        for touched_at, _, channel in reversed(touches[: bisect_right(touches, at, key=lambda touch: touch[0])]):
            if touched_at < at - WINDOW:
                break
            if channel != DIRECT:
                return channel
            found = DIRECT
        return found


Row = tuple[date, str, str, str, str, Decimal]


def _adverts(view: View) -> Iterator[Row]:
    for platform in ("google_ads", "meta_ads"):
        for ad_day in view.ad_days(platform, EPOCH, (view.moment + timedelta(days=1)).date()):
            channel, currency = ad_day.campaign.channel, ad_day.campaign.account.currency
            yield ad_day.date_day, platform, channel, "impressions", "", Decimal(ad_day.impressions)
            yield ad_day.date_day, platform, channel, "clicks", "", Decimal(ad_day.clicks)
            yield ad_day.date_day, platform, channel, "spend", currency, ad_day.cost


def _sessions(view: View, zone: ZoneInfo) -> Iterator[Row]:
    for visit in view.visits():
        yield _day(visit.started_at, zone), "files", visit.channel, "sessions", "", Decimal(1)


def _orders(view: View, people: People, zone: ZoneInfo) -> Iterator[Row]:
    first: dict[Identifier, tuple[datetime, str, str]] = {}
    for source, orders in (("shopify", view.orders()), ("files", view.store_orders())):
        for order in orders:
            if order.is_test:
                continue
            person, at = people.of_order(order), order.processed_at
            channel, day = people.channel(person, at), _day(at, zone)
            yield day, source, channel, "net_revenue", order.currency, net_amount(order)
            if not order.lines:  # a credit note: money back, no sale
                continue
            yield day, source, channel, "orders", "", Decimal(1)
            if order.cancelled_at is None:
                this = (at, order.order_id, source)
                first[person] = min(this, first.get(person, this))
    for person, (at, _, source) in first.items():
        yield _day(at, zone), source, people.channel(person, at), "new_customers", "", Decimal(1)


def net_amount(order: Order) -> Decimal:
    """Gross - discounts - refunds to date, without tax and shipping."""
    sold = sum((line.unit_price * line.quantity - line.discount for line in order.lines), Decimal(0))
    return sold - sum((line.amount for refund in order.refunds for line in refund.lines), Decimal(0))


def _crm(view: View, people: People, zone: ZoneInfo) -> Iterator[Row]:
    channels: dict[str, str] = {}
    for contact in view.contacts():
        channel = people.channel(("contact", contact.contact_id), contact.created_at)
        for contact_id in (contact.contact_id, *contact.merged_ids):
            channels[contact_id] = channel
        for metric, stage in _STAGE_METRICS.items():
            entered = [at for name, at in contact.stages if name == stage]
            if entered:
                yield _day(min(entered), zone), "hubspot", channel, metric, "", Decimal(1)
    for deal in view.deals():
        channel = channels.get(deal.contact_ids[0], UNATTRIBUTED) if deal.contact_ids else UNATTRIBUTED
        yield _day(deal.created_at, zone), "hubspot", channel, "opportunities", "", Decimal(1)
        if deal.is_won and deal.closed_at is not None:
            yield _day(deal.closed_at, zone), "hubspot", channel, "won_deals", "", Decimal(1)


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()
