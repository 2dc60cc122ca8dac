"""What makes a business awkward: functions of a world, each with a query that is true of the mart once it shows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from landed_world import STREAMS

from . import Row, Rows
from .compiled import LAST
from .landed import WAYS, contact, google, instant, joined, local_day, order, placard, rates, refund, till, visit

POUNDS_FROM, MOVED_ON = date(2024, 3, 15), date(2024, 3, 11)
ADS = tuple(name for name in STREAMS if name.startswith(("google_ads", "meta_ads")) or name == "files__ad_performance")
DAY_OF = ("date_day", "processed_at", "ordered_at", "created_at", "sent_at", "month")


@dataclass(frozen=True)
class Shape:
    """`shows`: a select of one truth over the mart of a world that has it."""

    give: Callable[[Rows], Rows]
    shows: str


def no_orders(rows: Rows) -> Rows:
    """None but one that was a test."""
    return rows | {
        "shopify__orders": [order("test", instant("2024-03-01T10:00"), "9.99", "USD", is_test=True)],
        "files__orders": [],
    }


def one_channel(rows: Rows) -> Rows:
    """Whatever came or was spent is Paid Search."""
    way = dict(zip(("source", "medium", "campaign"), WAYS["paid"], strict=True))
    others = ("hubspot__email_events", "files__events", "files__contacts", "files__budgets", "files__costs")
    kept = {name: told for name, told in rows.items() if name not in (*ADS, *others)}
    visits = [one | way for one in rows.get("files__sessions", [])]
    visits.append(visit("one", instant("2024-03-01T10:00"), "paid", visitor_id="one"))
    return joined(
        kept | {"files__sessions": visits}, google(date(2024, 3, 1), "us", [("one", "brand", "SEARCH", 2000)])
    )


def refunds_beyond_orders(rows: Rows) -> Rows:
    """Each order of the shop is paid back three times over, in the middle of it and after the mart's day."""
    orders = [*rows.get("shopify__orders", []), order("back", instant("2024-03-01T10:00"), "0.05", "EUR")]
    return rows | {"shopify__orders": [one | {"refunds": _back(one)} for one in orders]}


def _back(one: Row) -> list[Row]:
    number, at, amount = one["order_id"], one["processed_at"], one["gross_amount"]
    whole = refund(number, at + timedelta(1), amount, pieces=2)
    return [whole, refund(f"{number}-late", at + timedelta(60), 2 * amount)]


def currency_late(rows: Rows) -> Rows:
    """No rate of the pound until the middle of March: before, what was in pounds was in euros or was not."""
    changed: Rows = {name: list(filter(None, map(_in_euros, told))) for name, told in rows.items() if name not in ADS}
    ads = {name: [one for one in rows.get(name, []) if not _is_early(one)] for name in ADS}
    pounds = order("pound", instant("2024-03-15T00:30"), "12.34", "GBP")
    more = {"shopify__orders": [pounds], "files__ad_performance": [placard(POUNDS_FROM, "uk", "late", "4.56")]}
    return joined(changed | {"files__fx_rates": rates(POUNDS_FROM)}, ads, more)


def _in_euros(one: Row) -> Row:
    return one | {"currency": "EUR"} if _is_early(one) else one


def _is_early(one: Row) -> bool:
    day = next((one[name] for name in DAY_OF if one.get(name)), None)
    day = local_day(day) if isinstance(day, datetime) else day
    return one.get("currency") == "GBP" and day < POUNDS_FROM


def merges_late(rows: Rows) -> Rows:
    """On the last day somebody buys with one account's number and the other's email, and a CRM merges two contacts."""
    late = datetime.combine(LAST, instant("2024-01-01T12:00").timetz())
    return joined(
        rows,
        {
            "shopify__orders": [
                order("late 1", instant("2024-02-25T10:00"), "10.10", "USD", customer_id="late"),
                order("late 2", instant("2024-03-03T10:00"), "20.20", "USD", email_hash="late@"),
            ],
            "files__orders": [
                till("late 3", late, "30.30", "USD", customer_id="late", email_hash="late@"),
                till("merged 1", late, "1.01", "USD", email_hash="merged@"),
                till("merged 2", late, "2.02", "USD", email_hash="survivor@"),
            ],
            "hubspot__contacts": [
                contact("merged", instant("2024-03-01T10:00"), 1, email_hash="merged@"),
                contact("survivor", instant("2024-03-02T10:00"), 1, email_hash="survivor@", merged_ids=["merged"]),
            ],
            "files__sessions": [visit("late 1", instant("2024-03-03T09:00"), "social", email_hash="late@")],
        },
    )


def leap_day(rows: Rows) -> Rows:
    """Orders at both ends of 29 February, just outside it, and 364 days before."""
    moments = ("2024-02-28T22:59:59", "2024-02-28T23:00", "2024-02-29T22:59:59", "2024-02-29T23:00", "2023-03-02T12:00")
    return joined(
        rows, _sold_at("leap", moments), {"files__ad_performance": [placard(date(2024, 2, 29), "us", "leap", "9")]}
    )


def clocks_forward(rows: Rows) -> Rows:
    """Orders at both ends of the day of 23 hours and just outside it, with a visit whole windows of 30 days before."""
    moments = ("2024-03-30T22:59:59", "2024-03-30T23:00", "2024-03-31T21:59:59", "2024-03-31T22:00")
    visits = [
        visit(f"clock {n}", instant(moment) - timedelta(30), "organic", customer_id="clock")
        for n, moment in enumerate(moments)
    ]
    return joined(rows, _sold_at("clock", moments), {"files__sessions": visits})


def _sold_at(name: str, moments: tuple[str, ...]) -> Rows:
    sold = [order(f"{name} {n}", instant(at), "11.11", "EUR", customer_id=name) for n, at in enumerate(moments)]
    return {"shopify__orders": sold}


def campaign_moves(rows: Rows) -> Rows:
    """Of Google to another account and number under its name, then renamed; in the files with its number too."""
    parts = []
    for n in range(4):
        day = MOVED_ON + timedelta(n - 2)
        account, number = ("old", "moving") if n < 2 else ("new", "moved")
        name = "Moving Campaign" if n < 3 else "Moved Campaign"
        parts.append(google(day, account, [(number, name, "SEARCH", 1000 + n)], rest=n))
        at = datetime.combine(day, instant("2024-01-01T12:00").timetz())
        visits = [visit(f"move {n}", at, "paid", visitor_id=f"move {n}") | {"campaign": "moving_campaign"}]
        parts.append({"files__sessions": visits, "files__ad_performance": [placard(day, account, "radio", f"{n}.05")]})
    return joined(rows, *parts)


SHAPES = {
    "no orders": Shape(no_orders, "select count(*) = 0 from fct_orders"),
    "one channel": Shape(
        one_channel,
        "select list(distinct channel) = ['Paid Search'] from kpi_channel_daily where channel <> '(unattributed)'",
    ),
    "refunds larger than orders": Shape(
        refunds_beyond_orders,
        "select bool_and(net_amount < 0) and count(*) > 0 from fct_orders where source = 'shopify'",
    ),
    "a currency that appears late": Shape(
        currency_late,
        f"select min(date_day) = '{POUNDS_FROM}' and min(fx_rate) > 1 from fct_orders where currency = 'GBP'",
    ),
    "a person who merges late": Shape(
        merges_late,
        "select list((orders, persons, firsts) order by orders) = [(2, 1, 1), (3, 1, 1)] from ("
        "select count(*) as orders, count(distinct person_id) as persons, count_if(is_first_order) as firsts"
        " from fct_orders where order_id like 'late %' or order_id like 'merged %'"
        " group by split_part(order_id, ' ', 1))",
    ),
    "leap day": Shape(
        leap_day,
        "select count_if(date_day = '2024-02-29') = 2 and (select bool_and(net_revenue_growth_year is not null)"
        " from kpi_daily where date_day = '2024-02-29') from fct_orders where order_id like 'leap %'",
    ),
    "daylight saving change": Shape(
        clocks_forward,
        "select count_if(date_day = '2024-03-31') = 2 and bool_and(channel = 'Organic Search')"
        " from fct_orders where order_id like 'clock %'",
    ),
    "a campaign moved between accounts": Shape(
        campaign_moves,
        "select list(account_id || ' ' || sessions order by date_day) = ['old 1', 'old 1', 'new 1', 'new 1']"
        " from kpi_campaign_daily where campaign_id in ('moving', 'moved')",
    ),
}
