"""Landed rows that show every rule of docs/identity.md, each in a corner of its own, told apart by names.

Orders are of 10 USD each on one day; what an order, a customer, a contact or a visit tells beyond that is the test's
subject. Hashes are readable here: `anna@`, `+1`.
"""

from pathlib import Path

from landed_world import LandedWorld, Row

DAY = "2025-06-01"
NEVER_LINK = [
    {"identifier": "customer:split2", "by": ["email", "phone", "click", "visitor"]},
    {"identifier": "order:files:mistyped", "by": ["customer"]},
    {"identifier": "visitor:unlinked", "by": ["customer"]},
]


def identity_world(folder: Path) -> LandedWorld:
    world = LandedWorld(folder)
    world.land("files", "fx_rates", [])
    world.land("shopify", "customers", _customers())
    world.land("shopify", "orders", _shop_orders())
    world.land("files", "orders", _orders())
    world.land("hubspot", "contacts", _contacts())
    world.land("files", "contacts", [{"contact_id": "fc", "created_at": at(8), "phone_hash": "+chain"}])
    world.land("files", "sessions", _visits())
    return world


def at(hour: int) -> str:
    return f"{DAY}T{hour:02d}:00+00:00"


def order(order_id: str, customer: str | None = None, email: str | None = None, phone: str | None = None) -> Row:
    told = {"customer_id": customer, "email_hash": email, "phone_hash": phone}
    return {"order_id": order_id, "ordered_at": at(12), "currency": "USD", "net_amount": 10, **told}


def visit(session_id: str, visitor: str | None, **told: str) -> Row:
    return {"session_id": session_id, "visitor_id": visitor, "started_at": at(10), "date_day": DAY, **told}


def _customers() -> list[Row]:
    return [
        {"customer_id": "chain", "email_hash": "chain@"},
        *({"customer_id": f"clerk{n}", "phone_hash": "+shop", "email_hash": f"clerk{n}@"} for n in range(6)),
        *({"customer_id": f"office{n}", "email_hash": "office@"} for n in range(6)),
        *({"customer_id": f"five{n}", "email_hash": "five@"} for n in range(5)),
        {"customer_id": "split1", "email_hash": "split@"},
        {"customer_id": "split2", "email_hash": "split@", "phone_hash": "+split"},
    ]


def _orders() -> list[Row]:
    return [
        # a chain over four systems: account - email - guest order - phone - contact of a file
        order("chained", email="chain@", phone="+chain"),
        order("alone"),
        # a phone that six accounts share, by itself and beside an email
        order("at the till 1", phone="+shop"),
        order("at the till 2", phone="+shop"),
        order("till guest", email="till@", phone="+shop"),
        order("office guest", email="office@"),
        *(order(f"present {n}", email="giver@", phone=f"+friend{n}") for n in range(7)),
        order("split by email", customer="split2", email="split@"),
        order("split guest", email="split@"),
        order("mistyped", customer="chain", email="other@"),
        order("unlinked", customer="unlinked"),
        *(order(f"of {who}", customer=who) for who in ("ann", "bob", "cat", "dan", "eve")),
        order("clicked late", email="late@"),
    ]


def _shop_orders() -> list[Row]:
    journey = [
        {"visit_id": "j1", "occurred_at": at(9), "landing_url": "https://shop.example/?utm_source=google&gclid=G-shop"},
        {"visit_id": "j2", "occurred_at": at(9), "landing_url": "https://shop.example/?gbraid=many"},
    ]
    common = {"processed_at": at(12), "currency": "USD", "gross_amount": 10, "discount_amount": 0, "lines": []}
    return [
        {"order_id": "journey", "email_hash": "journey@", "visits": journey, **common},
        {"order_id": "tried", "customer_id": "chain", "email_hash": "ann-tests@", "is_test": True, **common},
    ]


def _contacts() -> list[Row]:
    return [
        {"contact_id": "c1", "created_at": at(8), "email_hash": "c1@", "google_click_id": "G-c1"},
        {"contact_id": "c2", "created_at": at(8), "email_hash": "c2@", "google_click_id": "G-passed-on"},
        {"contact_id": "c3", "created_at": at(8), "email_hash": "c3@", "facebook_click_id": "F-three"},
        {"contact_id": "c4", "created_at": at(8), "email_hash": "c4@", "facebook_click_id": "F-three"},
        {"contact_id": "c5", "created_at": at(8), "email_hash": "c5@", "facebook_click_id": "F-three"},
    ]


def _visits() -> list[Row]:
    return [
        # ann and bob share a computer; cat, dan and eve a tablet
        visit("ann", "home", customer_id="ann"),
        visit("bob", "home", customer_id="bob"),
        visit("at home", "home"),
        visit("cat", "tablet", customer_id="cat"),
        visit("dan", "tablet", customer_id="dan"),
        visit("eve", "tablet", customer_id="eve"),
        visit("on the tablet", "tablet"),
        visit("by click on the tablet", "tablet", click_id="G-c1"),
        # the contact's click, and what else its visitor did
        visit("clicked", "v-c1", click_id="G-c1"),
        visit("before", "v-c1"),
        *(visit(f"passed on {n}", f"v-passed{n}", click_id="G-passed-on") for n in range(3)),
        visit("three", "v-three", click_id="F-three"),
        visit("three by mail", "v-three", email_hash="c3@"),
        # the shop's journey kept a click; gbraid stands for many clicks
        visit("shop click", "v-shop", click_id="G-shop"),
        visit("gbraid", "v-gbraid", click_id="many"),
        visit("stranger", "v-stranger", click_id="G-unknown"),
        visit("unlinked", "unlinked", customer_id="unlinked"),
        visit("unlinked later", "unlinked"),
        visit("office", "v-office", email_hash="office@"),
        visit("nobody", None),
        visit("by mail alone", None, email_hash="mail-only@"),
        visit("late", "v-late", email_hash="late@"),
        visit("late again", "v-late", customer_id="ann", email_hash="late@"),
    ]
