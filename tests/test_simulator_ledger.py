"""The ledger against a world of six persons, whose totals were worked out by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from simulator import ledger
from simulator.identity import normal_email
from simulator.nouns import (
    Account,
    AdDay,
    Campaign,
    Contact,
    Customer,
    Deal,
    EmailEvent,
    Event,
    Order,
    OrderLine,
    Product,
    Rate,
    Refund,
    RefundLine,
    Visit,
)

START = datetime(2023, 1, 1, tzinfo=UTC)
ACCOUNT = Account("google_ads", "1", "One", "EUR", "Europe/Berlin")
CAMPAIGN = Campaign(ACCOUNT, "11", "Brand", "search", "enabled", "Paid Search", "brand", date(2024, 1, 1), ())
PRODUCT = Product("p", "v", "Lamp", "Lighting", "us", "L1", Decimal("50.00"), None, START, START)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2025-{text}").replace(tzinfo=UTC)


def visit(visit_id: str, started_at: str, channel: str, customer_id: str = "", email: str = "") -> Visit:
    return Visit(
        visit_id, at(started_at), "u", customer_id, email, "s", "m", "", "", "", "", "", "", 1, True, channel
    )  # fmt: skip


def customer(customer_id: str, email: str) -> Customer:
    return Customer(customer_id, email, "", "A", "B", START, START)


def order(
    order_id: str, ordered_at: str, price: str, who: Customer | None = None, email: str = "", *, discount: str = "0",
    refund: str = "", cancelled: bool = False, test: bool = False, store: str = "", visits: tuple[Visit, ...] = (),
) -> Order:  # fmt: skip
    """Two pieces at half the price, or no line at all where the price is empty (a credit note)."""
    when = at(ordered_at)
    lines = (OrderLine(f"{order_id}-1", PRODUCT, 2, Decimal(price) / 2, Decimal(discount)),) if price else ()
    refunds = (Refund("r", when, (RefundLine("1", 1, Decimal(refund)),), Decimal(9), Decimal(3)),) if refund else ()
    return Order(
        order_id, store, who, email, "", when, when, when, when if cancelled else None, test, "GBP" if store else "EUR",
        lines, (), Decimal(7), Decimal(4), refunds, visits,
    )  # fmt: skip


def contact(contact_id: str, email: str, created_at: str, stages: str, merged: tuple[str, ...] = ()) -> Contact:
    """`stages`: names with the days of March they were entered on."""
    entered = tuple((s.split(":")[0], at(f"03-{s.split(':')[1]:0>2}T12:00")) for s in stages.split())
    return Contact(contact_id, email, "", "A", "B", at(created_at), at(created_at), entered, merged, "DIRECT_TRAFFIC")


def letter(kind: str, occurred_at: str, recipient: str) -> EmailEvent:
    return EmailEvent("m", kind, at(occurred_at), recipient, "1", "m", at(occurred_at))


def deal(deal_id: str, contacts: tuple[str, ...], created_at: str, closed_at: str = "", won: bool = False) -> Deal:
    closed = at(closed_at) if closed_at else None
    return Deal(deal_id, contacts, at(created_at), at(created_at), (), Decimal(900), "USD", closed, won)


ADA = customer("c1", "Ada@Example.com")
CY = customer("c3", "cy@example.org")
DEE = customer("c4", "dee@example.net")
EVE = customer("c5", "eve@example.com")


class SixPersons:
    moment = at("03-10T00:00")

    def accounts(self, platform: str) -> list[Account]:
        return [ACCOUNT] if platform == "google_ads" else []

    def campaigns(self, platform: str) -> list[Campaign]:
        return [CAMPAIGN] if platform == "google_ads" else []

    def ad_days(self, platform: str, first: date, last: date) -> list[AdDay]:
        rows = [
            AdDay(date(2025, 3, 2), CAMPAIGN, "Brand", None, None, 100, 7, Decimal("3.10"), ()),
            AdDay(date(2025, 3, 2), CAMPAIGN, "Brand", None, None, 50, 0, Decimal("0.05"), ()),
        ]
        return [row for row in rows if platform == "google_ads" and first <= row.date_day <= last]

    def visits(self) -> list[Visit]:
        return [
            visit("v0", "01-30T12:00", "Organic Search", customer_id="c4"),
            visit("v1", "03-01T10:00", "Paid Search", email="ada+tag@example.com"),
            visit("v2", "03-03T09:00", "Direct", customer_id="c1"),
            visit("v3", "03-04T08:00", "Email", email="cy.work@example.org"),
            visit("v8", "03-07T08:00", "Referral", customer_id="c1"),
            visit("v9", "03-07T08:00", "Affiliates", customer_id="c1"),
            visit("va", "03-09T08:00", "Paid Social", customer_id="c1"),  # after the last order
        ]

    def events(self) -> list[Event]:
        return [
            Event("e1", at("03-02T12:00"), "fair", "c4", "", "Events", "fair_2025"),
            Event("e2", at("03-07T12:00"), "fair", "", "DEE@example.net", "Events", "fair_2025"),  # after the order
        ]

    def email_events(self, first: datetime, last: datetime) -> list[EmailEvent]:
        """Cy reads a letter before s1; a scanner follows a link just before w7, and an open is no touch."""
        read = [
            letter("CLICK", "03-02T10:00", "cy@example.org"),
            letter("OPEN", "03-08T11:00", "ada@example.com"),
            replace(letter("CLICK", "03-08T11:00", "ada@example.com"), is_filtered=True),
            replace(letter("CLICK", "03-08T11:00", "ada@example.com"), obsoleted_by=("x", at("03-08T11:01"))),
        ]
        return [one for one in read if first <= one.occurred_at < last]

    def customers(self) -> list[Customer]:
        return [ADA, CY, DEE, EVE]

    def orders(self) -> list[Order]:
        return [
            order("w1", "03-03T10:00", "100", ADA, "ada@example.com", discount="10", refund="20"),
            order("w2", "03-04T02:00", "30", visits=(visit("j1", "03-04T01:00", "Direct"),)),
            order("w3", "03-05T12:00", "60", CY, "cy.work@example.org"),
            order("w4", "03-01T12:00", "80", DEE, refund="80", cancelled=True),
            order("w5", "03-06T12:00", "80", DEE),
            order("w6", "03-06T12:00", "500", EVE, test=True),
            order("w8", "03-06T11:00", "9", DEE, test=True, visits=(visit("j2", "03-06T10:00", "Referral"),)),
            order("w7", "03-08T12:00", "40", ADA),
        ]

    def store_orders(self) -> list[Order]:
        return [
            order("s1", "03-02T11:00", "40", email=" CY@example.org", store="LON1"),
            order("s2", "03-02T12:00", "20", email="n/a", store="LON1"),
            order("s3", "03-02T13:00", "25.50", email="n/a", store="LON1"),
            order("cn", "03-07T13:00", "", email="n/a", store="LON1", refund="15"),
        ]

    def contacts(self) -> list[Contact]:
        return [
            contact("k3", "CY.Work@example.org", "03-04T12:00", "lead:4 marketingqualifiedlead:5 lead:6"),
            contact("k5", "", "03-02T12:00", "lead:2 marketingqualifiedlead:3 salesqualifiedlead:5", ("k6",)),
            contact("k7", "ada@example.com", "03-02T12:00", "subscriber:2"),
        ]

    def deals(self) -> list[Deal]:
        return [
            deal("d1", ("k3", "k5"), "03-06T12:00", "03-08T12:00", won=True),
            deal("d2", ("k6",), "03-07T12:00", "03-09T12:00"),
            deal("d3", (), "03-07T12:00"),
            deal("d4", ("k7",), "03-07T12:00", "03-09T01:00", won=True),
        ]

    def products(self) -> list[Product]:
        return [PRODUCT]

    def rates(self) -> list[Rate]:
        return []


EXPECTED = """\
date_day,source,channel,metric,currency,value
2025-01-30,files,Organic Search,sessions,,1
2025-03-01,files,Paid Search,sessions,,1
2025-03-01,shopify,Organic Search,orders,,1
2025-03-02,files,(unattributed),net_revenue,GBP,45.50
2025-03-02,files,(unattributed),new_customers,,2
2025-03-02,files,(unattributed),orders,,2
2025-03-02,files,Email,net_revenue,GBP,40
2025-03-02,files,Email,new_customers,,1
2025-03-02,files,Email,orders,,1
2025-03-02,google_ads,Paid Search,clicks,,7
2025-03-02,google_ads,Paid Search,impressions,,150
2025-03-02,google_ads,Paid Search,spend,EUR,3.15
2025-03-02,hubspot,(unattributed),leads,,1
2025-03-03,files,Direct,sessions,,1
2025-03-03,hubspot,(unattributed),mqls,,1
2025-03-03,shopify,Paid Search,net_revenue,EUR,70
2025-03-03,shopify,Paid Search,new_customers,,1
2025-03-03,shopify,Paid Search,orders,,1
2025-03-04,files,Email,sessions,,1
2025-03-04,hubspot,Email,leads,,1
2025-03-04,shopify,Direct,net_revenue,EUR,30
2025-03-04,shopify,Direct,new_customers,,1
2025-03-04,shopify,Direct,orders,,1
2025-03-05,hubspot,(unattributed),sqls,,1
2025-03-05,hubspot,Email,mqls,,1
2025-03-05,shopify,Email,net_revenue,EUR,60
2025-03-05,shopify,Email,orders,,1
2025-03-06,hubspot,Email,opportunities,,1
2025-03-06,shopify,Events,net_revenue,EUR,80
2025-03-06,shopify,Events,new_customers,,1
2025-03-06,shopify,Events,orders,,1
2025-03-07,files,(unattributed),net_revenue,GBP,-15
2025-03-07,files,Affiliates,sessions,,1
2025-03-07,files,Referral,sessions,,1
2025-03-07,hubspot,(unattributed),opportunities,,2
2025-03-07,hubspot,Paid Search,opportunities,,1
2025-03-08,hubspot,Email,won_deals,,1
2025-03-08,shopify,Affiliates,net_revenue,EUR,40
2025-03-08,shopify,Affiliates,orders,,1
2025-03-09,files,Paid Social,sessions,,1
2025-03-09,hubspot,Paid Search,won_deals,,1
"""


def test_the_ledger_of_six_persons_is_as_worked_out_by_hand(tmp_path: Path) -> None:
    ledger.write(SixPersons(), tmp_path / "ledger.csv")
    assert (tmp_path / "ledger.csv").read_text() == EXPECTED


def test_days_are_days_of_the_reporting_zone_except_those_of_ads() -> None:
    totals = ledger.totals(SixPersons(), "America/New_York")
    assert totals[(date(2025, 3, 3), "shopify", "Direct", "orders", "")] == 1  # 02:00 UTC of the 4th
    assert totals[(date(2025, 3, 8), "hubspot", "Paid Search", "won_deals", "")] == 1
    assert totals[(date(2025, 3, 2), "google_ads", "Paid Search", "clicks", "")] == 7


def test_a_touch_counts_up_to_the_window_and_not_a_second_longer() -> None:
    six = SixPersons()
    people = ledger.People(six)
    touched = at("01-30T12:00")
    assert people.channel(("customer", "c4"), touched + timedelta(days=30)) == "Organic Search"
    assert people.channel(("customer", "c4"), touched + timedelta(days=30, seconds=1)) == "(unattributed)"
    assert people.channel(("customer", "c4"), touched - timedelta(seconds=1)) == "(unattributed)"


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        (" Ann.Lee+Shop@Example.COM ", "ann.lee@example.com"),
        ("a.n.n+x@googlemail.com", "ann@gmail.com"),
        ("n/a", ""),
        ("", ""),
        ("+tag@example.com", ""),
        ("ann@localhost", ""),
    ],
)
def test_addresses_are_read_as_mailboxes(typed: str, normal: str) -> None:
    assert normal_email(typed) == normal
