"""The persons of test_attribution: their touches and conversions, as few as show every rule.

KPI days 2025-06-01 to 2025-08-31, USD throughout; windows of 30 days for first orders and leads, 10 for repeat orders,
60 for won deals.
"""

from pathlib import Path

from landed_world import LandedWorld, Row

DAYS = {"kpi_start": "2025-06-01", "mart_date": "2025-08-31"}
WINDOWS = {"first_order": 30, "repeat_order": 10, "lead": 30, "won_deal": 60}
# what a visit brings to its channel: source, medium, campaign
PAID_SEARCH = ("google", "cpc", "brand_search")
ORGANIC = ("google", "organic", "")
PAID_SOCIAL = ("facebook", "paid_social", "summer")
EMAIL = ("newsletter", "email", "june")
REFERRAL = ("blog.example", "referral", "")
DIRECT = ("", "", "")


def attribution_world(folder: Path) -> LandedWorld:
    world = LandedWorld(folder)
    world.land("files", "sessions", _sessions())
    world.land("files", "orders", _orders())
    world.land("files", "ad_performance", _ads())
    world.land("files", "events", _events())
    world.land("files", "contacts", [_form()])
    world.land("hubspot", "contacts", [_dora()])
    world.land("hubspot", "deals", [_deal("d1", "dora", 1000), _deal("d2", None, 70)])
    world.land("hubspot", "email_events", _clicks())
    return world


def _sessions() -> list[Row]:
    visits = [
        ("a1", "2025-06-01T10:00", "anna", PAID_SEARCH),
        ("a2", "2025-06-08T10:00", "anna", EMAIL),
        ("a3", "2025-06-15T10:00", "anna", DIRECT),  # at the instant of her first order
        ("b2", "2025-06-10T10:00", "bea", REFERRAL),  # two of one instant: the larger id is the later
        ("b1", "2025-06-10T10:00", "bea", ORGANIC),
        ("c1", "2025-06-13T10:00:01", "carl", EMAIL),  # a second after his order
        ("e1", "2025-06-01T12:00", "edge", EMAIL),  # exactly 30 days before
        ("e2", "2025-06-01T11:59:59", "edge", PAID_SOCIAL),  # a second more
        ("d1", "2025-05-01T10:00", "dora@", PAID_SOCIAL),
        ("d2", "2025-05-20T10:00", "dora@", REFERRAL),
        ("d3", "2025-08-10T10:00", "dora@", PAID_SOCIAL),  # after her deal: she did convert
        ("x1", "2025-08-05T10:00", "xena", PAID_SOCIAL),
        ("y1", "2025-08-05T10:00", "yuri", REFERRAL),
        ("y2", "2025-08-06T10:00", "yuri", EMAIL),
    ]
    return [
        {
            "session_id": visit,
            "date_day": at[:10],
            "started_at": f"{at}+00:00",
            "email_hash" if who.endswith("@") else "customer_id": who,
            **dict(zip(("source", "medium", "campaign"), way, strict=True)),
        }
        for visit, at, who, way in visits
    ]


def _orders() -> list[Row]:
    return [
        _order("a1", "2025-06-15T10:00", "anna", 90),
        _order("a2", "2025-06-20T10:00", "anna", 50),
        _order("a3", "2025-06-21T10:00", "anna", -30),  # a credit note
        _order("b1", "2025-06-12T10:00", "bea", 10) | {"status": "cancelled"},
        _order("b2", "2025-06-12T11:00", "bea", 40),
        _order("c1", "2025-06-13T10:00", "carl", 20),
        _order("e1", "2025-07-01T12:00", "edge", 25),
        _order("f1", "2025-06-14T10:00", "fred", 15),
        _order("old", "2025-05-01T10:00", "xena", 5),  # before the KPI days
    ]


def _order(order_id: str, at: str, who: str, amount: int) -> Row:
    ordered = {"order_id": order_id, "ordered_at": f"{at}+00:00", "customer_id": who}
    return ordered | {"net_amount": amount, "currency": "USD", "cost_amount": None if amount < 0 else amount // 2}


def _ads() -> list[Row]:
    """Brand search earned anna's first touch; the film never earned anything."""
    ad = {"date_day": "2025-06-15", "platform": "x_ads", "account_id": "1", "account_name": "X", "currency": "USD"}
    brand = ad | {"campaign_id": "brand", "campaign_name": "Brand Search", "channel": "Paid Search", "spend": 30}
    film = ad | {"campaign_id": "film", "campaign_name": "Film", "channel": "Paid Video", "spend": 7}
    return [row | {"impressions": 100, "clicks": 10} for row in (brand, film)]


def _events() -> list[Row]:
    """fred went to a fair, which names its channel, and got a letter, which does not; nobody knows who `zoe` is."""
    told = [("1", "2025-06-10", "fred", "Events", "fair"), ("2", "2025-06-11", "fred", None, None)]
    told.append(("3", "2025-06-11", "zoe", "Events", "fair"))
    return [
        {"event_id": number, "date_day": day, "occurred_at": f"{day}T10:00+00:00", "event_name": "fair",
         "customer_id": who, "channel": channel, "campaign": campaign}
        for number, day, who, channel, campaign in told
    ]  # fmt: skip


def _form() -> Row:
    """gina filled in a form that a partner's link led to, and was a lead at once."""
    at = "2025-06-05T10:00+00:00"
    way = {"source": "partner", "medium": "affiliate", "campaign": "spring"}
    return {"contact_id": "gina", "created_at": at, "lead_at": at, "email_hash": "gina@", **way}


def _dora() -> Row:
    """In the CRM since 05-05, a lead four weeks later."""
    history = [("subscriber", "2025-05-05"), ("lead", "2025-06-02")]
    stages = [{"stage": stage, "entered_at": f"{day}T10:00+00:00"} for stage, day in history]
    created = {"contact_id": "dora", "created_at": "2025-05-05T10:00+00:00", "email_hash": "dora@"}
    return created | {"lifecycle_history": stages}


def _deal(deal_id: str, contact: str | None, amount: int) -> Row:
    closed = {"closed_at": "2025-06-25T10:00+00:00", "is_closed": True, "is_won": True}
    made = {"deal_id": deal_id, "created_at": "2025-05-10T10:00+00:00", "amount": amount, "currency": "USD"}
    return made | closed | {"contact_ids": [contact] if contact else []}


def _clicks() -> list[Row]:
    """A click of dora's, a scanner's, and one of a mailbox that nothing else tells of."""
    click = {"event_type": "CLICK", "date_day": "2025-06-20", "occurred_at": "2025-06-20T10:00+00:00"}
    return [
        click | {"event_id": "1", "email_hash": "dora@", "utm_campaign": "digest"},
        click | {"event_id": "2", "email_hash": "dora@", "is_filtered": True},
        click | {"event_id": "3", "email_hash": "nobody@"},
        click | {"event_id": "4", "email_hash": "dora@", "event_type": "OPEN"},
    ]
