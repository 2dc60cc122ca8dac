"""The streams that no vendor serves, as the folder of CSV files that the business exports every day."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import astuple
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from simulator import office
from simulator.atomic import write_atomically
from simulator.ledger import net_amount
from simulator.nouns import Order, View
from simulator.world import World

HEADERS = {
    "sessions": "session_id visitor_id started_at customer_id email source medium campaign content term click_id "
    "landing_url referrer pageviews is_engaged",
    "orders": "order_id ordered_at currency net_amount customer_id email phone gross_amount discount_amount "
    "refund_amount shipping_amount tax_amount cost_amount status sales_channel store_id coupon_code",
    "order_lines": "order_id line_id product_id quantity unit_price product_name category discount_amount unit_cost",
    "events": "event_id occurred_at event_name customer_id email channel campaign",
    "costs": "date_day kind amount currency channel campaign",
    "budgets": "month channel amount currency campaign_id",
    "targets": "month kpi channel floor target stretch",
    "fx_rates": "date_day from_currency to_currency rate",
    "promotions": "promotion_id product_id starts_on ends_on discount_rate",
    "experiments": "experiment variant person_id exposed_at",
    "email_campaigns": "campaign_id campaign_name sent_at recipients delivered opens clicks bounces unsubscribes "
    "complaints revenue currency",
}


def write(world: World, view: View, folder: Path) -> None:
    """One file per stream that has something to tell, each replaced whole; only what is visible in the view."""
    told = names(world, view)
    for name in told:
        write_atomically(folder / name, text(world, view, name))
    for stream in HEADERS:
        if f"{stream}.csv" not in told:
            (folder / f"{stream}.csv").unlink(missing_ok=True)


def names(world: World, view: View) -> list[str]:
    """The files there are: the tracker's always, a sheet from its first row on."""
    return [
        f"{stream}.csv" for stream in HEADERS if stream == "sessions" or any(True for _ in _rows(world, view, stream))
    ]


def text(world: World, view: View, name: str) -> str:
    """What the file of that name says."""
    stream = name.removesuffix(".csv")
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\n")
    lines.writerow(HEADERS[stream].split())
    lines.writerows(map(_plain, row) for row in _rows(world, view, stream))
    return written.getvalue()


def _rows(world: World, view: View, stream: str) -> Iterable[office.Row]:
    last_day = (view.moment - timedelta(microseconds=1)).date()
    rows: dict[str, Iterable[office.Row]] = {
        "sessions": (
            (v.visit_id, v.visitor_id, v.started_at, v.customer_id, v.email, v.source, v.medium, v.campaign, v.content,
             v.term, v.click_id, v.landing_url, v.referrer, v.pageviews, v.is_engaged)
            for v in view.visits()
        ),
        "orders": map(_order, view.store_orders()),
        "order_lines": (row for order in view.store_orders() for row in _lines(order)),
        "events": map(astuple, view.events()),
        "costs": office.costs(world.seed, world.scale, last_day),
        "budgets": office.budgets(world.seed, world.scale, world.plans, last_day),
        "targets": office.targets(world.seed, world.scale, last_day),
        "fx_rates": ((r.date_day, r.from_currency, r.to_currency, r.rate) for r in view.rates()),
        "promotions": office.promoted(view.products(), last_day),
        "experiments": office.exposures(view.visits()),
        "email_campaigns": office.mailings(world.seed, world.scale, view.moment),
    }  # fmt: skip
    return rows[stream]


def _order(order: Order) -> office.Row:
    """A store's order; one without lines is a credit note, whose net amount is negative."""
    gross = sum((line.unit_price * line.quantity for line in order.lines), Decimal("0.00"))
    discount = sum((line.discount for line in order.lines), Decimal("0.00"))
    refunded = sum((line.amount for refund in order.refunds for line in refund.lines), Decimal("0.00"))
    costs = [_unit_cost(line.product.unit_cost) for line in order.lines]
    known = order.lines and None not in costs
    cost = sum((c * line.quantity for c, line in zip(costs, order.lines, strict=True)), Decimal(0)) if known else ""
    status = "cancelled" if order.cancelled_at else "completed" if order.lines else "credit_note"
    return (
        order.order_id, order.processed_at, order.currency, net_amount(order),
        order.customer.customer_id if order.customer else "", order.email, order.phone, gross, discount, refunded,
        order.shipping, order.tax, cost, status, "store", order.store_id, ",".join(order.discount_codes),
    )  # fmt: skip


def _lines(order: Order) -> Iterator[office.Row]:
    for line in order.lines:
        cost = _unit_cost(line.product.unit_cost)
        yield (
            order.order_id, line.line_id, line.product.product_id, line.quantity, line.unit_price, line.product.name,
            line.product.category, line.discount, "" if cost is None else cost,
        )  # fmt: skip


def _unit_cost(cost: Decimal | None) -> Decimal | None:
    """The stores book costs in their own currency, at a fixed internal rate."""
    return None if cost is None else (cost * Decimal("0.86")).quantize(Decimal("0.01"))


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else str(value)
