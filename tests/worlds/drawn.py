"""Businesses as Hypothesis draws them: a handful of persons, accounts and campaigns, so that what is drawn meets."""

from datetime import date, timedelta

from hypothesis import strategies as st

from . import Row, Rows
from .compiled import FIRST, LAST
from .landed import (
    HISTORY,
    WAYS,
    contact,
    deal,
    fair,
    form,
    google,
    instant,
    joined,
    letter,
    meta,
    order,
    placard,
    rates,
    refund,
    row,
    shown,
    till,
    visit,
    won,
)  # fmt: skip
from .shapes import SHAPES

DAYS = st.dates(FIRST, LAST) | st.sampled_from([date(2024, 2, 29), date(2024, 3, 1), date(2024, 3, 31), LAST])
HOURS = ("00:00:00", "00:59:59", "10:00:00", "21:59:59", "22:00:00", "22:59:59", "23:00:00")  # Berlin's midnights too
MOMENTS = st.builds(lambda day, hour: instant(f"{day}T{hour}"), DAYS, st.sampled_from(HOURS))
# the year before, for first orders and growth, and 364 days before the leap day
LONG_AGO = st.sampled_from([instant("2023-03-02T12:00"), instant("2023-11-30T23:30"), instant("2024-02-19T22:59:59")])
AMOUNTS = st.sampled_from(["0.00", "0.01", "9.99", "33.33", "100.00", "98765.43"])
CENTS = st.sampled_from([0, 1, 37, 1999, 100_001])
CURRENCIES = st.sampled_from(["USD", "EUR", "GBP"])
CAMPAIGNS = {"c1": "SEARCH", "c2": "PERFORMANCE_MAX", "c3": "SEARCH"}
NAMES = st.sampled_from(["Brand", "brand ", "Summer Film", "All"])


def _one_of(*names: str) -> st.SearchStrategy[str | None]:
    return st.none() | st.sampled_from(names)


EMAILS, PHONES, CUSTOMERS = _one_of("a@", "b@", "c@", "d@"), _one_of("+1", "+2"), _one_of("a", "b", "c")
IDENTITIES = st.fixed_dictionaries({"customer_id": CUSTOMERS, "email_hash": EMAILS, "phone_hash": PHONES})
CLICKS = _one_of("G-1", "G-2")


@st.composite
def businesses(draw: st.DrawFn) -> Rows:
    """A world of everything that rules tell of, half of the time with one or two awkward shapes given to it."""
    rows = joined(draw(_orders()), draw(_people()), draw(_visits()), draw(_ads()), draw(_plans()))
    rows["files__fx_rates"] = rates(HISTORY)
    for name in draw(st.lists(st.sampled_from(sorted(SHAPES)), max_size=2, unique=True)):
        rows = SHAPES[name].give(rows)
    return rows


def _numbered(draw: st.DrawFn, most: int) -> range:
    return range(draw(st.integers(0, most)))


@st.composite
def _orders(draw: st.DrawFn) -> Rows:
    shop, tills = [], []
    for n in _numbered(draw, 6):
        at, amount = draw(MOMENTS | LONG_AGO), draw(AMOUNTS)
        made = order(f"s{n}", at, amount, draw(CURRENCIES), **draw(IDENTITIES))
        parts = draw(st.lists(st.sampled_from([0.5, 1, 3]), max_size=2))
        made["refunds"] = [_part(made, m, part) for m, part in enumerate(parts)]
        made["cancelled_at"] = draw(st.sampled_from([None, None, at + timedelta(hours=1)]))
        made["is_test"] = draw(st.sampled_from([False, False, False, True]))
        shop.append(made)
    for n in _numbered(draw, 4):
        sign, status = draw(st.sampled_from(["", "", "-"])), draw(_one_of("paid", "cancelled", "test"))
        who, cost = draw(IDENTITIES), draw(_one_of("0", "12.34"))
        tills.append(till(f"f{n}", draw(MOMENTS | LONG_AGO), sign + draw(AMOUNTS), draw(CURRENCIES), cost_amount=cost,
                          status=status, **who))  # fmt: skip
    if draw(st.booleans()):
        tills.append(till("no currency", draw(MOMENTS), "5.55", None))
    customers = [
        row("shopify__customers", customer_id=number, email_hash=draw(EMAILS), phone_hash=draw(PHONES))
        for number in draw(st.lists(st.sampled_from(["a", "b", "c"]), unique=True))
    ]
    return {"shopify__orders": shop, "files__orders": tills, "shopify__customers": customers}


def _part(made: Row, number: int, part: float) -> Row:
    at = made["processed_at"] + timedelta(days=20 * number)
    back = refund(made["order_id"], at, round(made["gross_amount"] * int(part * 2) / 2, 2), pieces=number)
    return back | {"refund_id": f"{back['refund_id']}-{number}"}


@st.composite
def _people(draw: st.DrawFn) -> Rows:
    contacts, deals, leads = [], [], []
    living: list[str] = []
    for n in _numbered(draw, 3):
        at, merged = draw(MOMENTS | LONG_AGO), [number for number in living if draw(st.booleans())]
        living = [f"k{n}", *(number for number in living if number not in merged)]
        told = {"email_hash": draw(EMAILS), "phone_hash": draw(PHONES), "google_click_id": draw(CLICKS)}
        contacts.append(contact(f"k{n}", at, draw(st.integers(0, 3)), merged_ids=merged, **told))
    for n in _numbered(draw, 3):
        at, of = draw(MOMENTS), draw(st.lists(st.sampled_from(["k0", "k1", "unknown"]), max_size=1))
        ends = {} if draw(st.booleans()) else won(at + timedelta(draw(st.sampled_from([-2, 0, 3, 40]))))
        deals.append(deal(f"d{n}", at, draw(st.none() | AMOUNTS), draw(CURRENCIES), contact_ids=of, **ends))
    for n in _numbered(draw, 2):
        at = draw(MOMENTS)
        way = dict(zip(("source", "medium", "campaign"), draw(st.sampled_from(sorted(WAYS.values()))), strict=True))
        later = {"lead_at": at, "mql_at": draw(st.sampled_from([None, at + timedelta(5)]))}
        leads.append(form(f"l{n}", at, email_hash=draw(EMAILS), **later, **way))
    return {"hubspot__contacts": contacts, "hubspot__deals": deals, "files__contacts": leads}


@st.composite
def _visits(draw: st.DrawFn) -> Rows:
    visits, events, letters = [], [], []
    for n in _numbered(draw, 6):
        who = {"customer_id": draw(CUSTOMERS), "email_hash": draw(EMAILS), "click_id": draw(CLICKS)}
        visitor = draw(_one_of("v1", "v2", "v3"))
        visits.append(visit(f"v{n}", draw(MOMENTS), draw(st.sampled_from(sorted(WAYS))), visitor_id=visitor, **who))
    for n in _numbered(draw, 2):
        at, channel = draw(MOMENTS), draw(_one_of("Fair", "Direct"))
        who = {"customer_id": draw(CUSTOMERS), "email_hash": draw(EMAILS)}
        events.append(fair(f"e{n}", at, **{"channel": channel, "campaign": draw(NAMES), **who}))
    for n in _numbered(draw, 2):
        answers = draw(st.lists(st.sampled_from(["CLICK", "OPEN"]), unique=True))
        letters += letter(f"m{n}", draw(MOMENTS), draw(EMAILS), answers)
    return {"files__sessions": visits, "files__events": events, "hubspot__email_events": letters}


@st.composite
def _ads(draw: st.DrawFn) -> Rows:
    """Campaigns stand in one account, move or stand in both, and are called this and that."""
    parts = []
    for day, account in draw(st.lists(st.tuples(DAYS, st.sampled_from(["us", "eu"])), max_size=5, unique=True)):
        numbers = draw(st.lists(st.sampled_from(sorted(CAMPAIGNS)), max_size=2, unique=True))
        campaigns = [(number, draw(NAMES), CAMPAIGNS[number], draw(CENTS)) for number in numbers]
        parts.append(google(day, account, campaigns, rest=draw(CENTS)))
    for day, account in draw(st.lists(st.tuples(DAYS, st.sampled_from(["eu", "uk"])), max_size=3, unique=True)):
        parts.append(meta(day, account, draw(st.sampled_from(["m1", "m2"])), draw(NAMES), draw(AMOUNTS), draw(AMOUNTS)))
    for day, account, number in draw(
        st.lists(st.tuples(DAYS, st.sampled_from(["us", "uk"]), st.sampled_from(["r1", "r2"])), max_size=4, unique=True)
    ):
        channel = draw(st.sampled_from(["Paid Other", "Paid Search"])) if number == "r1" else None
        parts.append({"files__ad_performance": [placard(day, account, number, draw(AMOUNTS), channel=channel)]})
    return joined(*parts)


@st.composite
def _plans(draw: st.DrawFn) -> Rows:
    months, channels = ("2024-02-01", "2024-03-01", "2024-04-01"), st.sampled_from(["Paid Search", "Paid Other"])
    costs = [
        row("files__costs", date_day=day, kind="agency", amount=draw(AMOUNTS), currency=draw(CURRENCIES))
        for day in draw(st.lists(DAYS, max_size=2, unique=True))
    ]
    budgets = [
        row("files__budgets", month=month, channel=channel, amount=draw(AMOUNTS), currency=draw(CURRENCIES))
        for month, channel in draw(st.lists(st.tuples(st.sampled_from(months), channels), max_size=2, unique=True))
    ]
    targets = [
        row("files__targets", month=month, kpi=kpi, floor=1, target=2, stretch=50)
        for month, kpi in draw(
            st.lists(st.tuples(st.sampled_from(months), st.sampled_from(["orders", "roas"])), max_size=2, unique=True)
        )
    ]
    seen = [
        shown(draw(st.sampled_from(["control", "new"])), who, draw(MOMENTS))
        for who in draw(st.lists(st.sampled_from(["a", "b", "c", "k0", "nobody"]), max_size=3, unique=True))
    ]
    return {"files__costs": costs, "files__budgets": budgets, "files__targets": targets, "files__experiments": seen}
