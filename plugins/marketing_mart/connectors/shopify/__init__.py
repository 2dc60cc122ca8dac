"""Shopify: orders (with lines, refunds and the visits before them), customers, products of one shop.

The Admin GraphQL API (see queries.py for its version). The connection holds the client id and secret of an app of
the shop's own organisation, installed in the shop, with the scopes read_orders, read_all_orders (without it only
the last 60 days are there), read_customers, read_products and read_inventory. One connection is one shop:
https://<shop>.myshopify.com.
"""

from array import array
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from marketing_mart.connectors.shopify import api, rows
from marketing_mart.connectors.shopify.queries import LISTINGS
from marketing_mart.errors import SourceMalformed
from marketing_mart.privacy import Privacy
from marketing_mart.streams import (
    COUNT,
    FLAG,
    INSTANT,
    MONEY,
    TEXT,
    Access,
    Page,
    SourceOptions,
    Stream,
    Window,
    columns,
)

_LINES = pa.list_(
    pa.struct([
        # price and discount without tax; discount_amount: of the whole line, its share of the order's included
        ("line_id", TEXT), ("product_id", TEXT), ("variant_id", TEXT), ("sku", TEXT), ("product_name", TEXT),
        ("quantity", COUNT), ("unit_price", MONEY), ("discount_amount", MONEY), ("unit_cost", MONEY),
    ])
)  # fmt: skip
_REFUNDS = pa.list_(
    pa.struct([
        # amount: what was given back for products, without tax and shipping; it may differ from the sum of its lines
        ("refund_id", TEXT), ("refunded_at", INSTANT), ("amount", MONEY),
        ("lines", pa.list_(pa.struct([("line_id", TEXT), ("quantity", COUNT), ("amount", MONEY)]))),
    ])
)  # fmt: skip
_VISITS = pa.list_(
    pa.struct([
        ("visit_id", TEXT), ("occurred_at", INSTANT), ("source", TEXT), ("medium", TEXT), ("campaign", TEXT),
        ("content", TEXT), ("term", TEXT), ("landing_url", TEXT), ("referrer", TEXT),
    ])
)  # fmt: skip

STREAMS = (
    Stream(
        "shopify", "orders", "entity",
        columns(
            shop=TEXT, order_id=TEXT, created_at=INSTANT, processed_at=INSTANT, updated_at=INSTANT,
            cancelled_at=INSTANT, is_test=FLAG, currency=TEXT, presentment_currency=TEXT, financial_status=TEXT,
            customer_id=TEXT, email_hash=TEXT, phone_hash=TEXT, sales_channel=TEXT, taxes_included=FLAG,
            # amounts in the shop's currency, without tax: gross - discount = what the order was placed for
            gross_amount=MONEY, discount_amount=MONEY, tax_amount=MONEY, shipping_amount=MONEY,
            discount_codes=pa.list_(TEXT), lines=_LINES, refunds=_REFUNDS, visits=_VISITS,
        ),
        key=("order_id",), changed_at="updated_at", totals=("gross_amount", "discount_amount"), lookback_days=1,
        shows_versions=True,
    ),
    Stream(
        "shopify", "customers", "entity",
        columns(
            shop=TEXT, customer_id=TEXT, created_at=INSTANT, updated_at=INSTANT, email_hash=TEXT, phone_hash=TEXT,
        ),
        key=("customer_id",), changed_at="updated_at", lookback_days=1,
    ),
    Stream(
        "shopify", "products", "entity",
        columns(
            shop=TEXT, product_id=TEXT, created_at=INSTANT, updated_at=INSTANT, product_name=TEXT,
            category=TEXT, vendor=TEXT, status=TEXT,
        ),
        key=("product_id",), changed_at="updated_at", lookback_days=1,
    ),
)  # fmt: skip

_ROW = {
    "orders": rows.order_row,
    "customers": rows.customer_row,
    "products": rows.product_row,
}


def read(
    stream: Stream,
    window: Window,
    access: Access,
    options: SourceOptions,
    privacy: Privacy,
) -> Iterator[Page]:
    """Everything that changed since the window's first day began in `options.timezone`; at least one page, which
    has no rows where nothing changed. A row that changes during the read may come twice, the newer one last.

    `stated_rows` is what the shop counted before the first page, where it counts exactly. Orders come in and change
    while they are read: where another number was read, the shop counts again, and what lies between its two counts is
    as it states.
    """
    shop = api.shop(access, stream.name)
    with shop.http:
        yield from _read(shop, stream, _since(window, options), privacy)


def _read(shop: api.Shop, stream: Stream, since: str, privacy: Privacy) -> Iterator[Page]:
    listing = LISTINGS[stream.name]

    def count() -> tuple[str, int | None]:
        return _count(shop.ask(listing.count, query=listing.search(since)), shop.http.label)

    name, stated = count()
    held, rows, ids = None, 0, array("q")  # ids as numbers: millions of them must not fill the memory
    for nodes in shop.pages(listing, since):
        if held is not None:
            yield Page(held, stated)
        held = _table(shop, stream, nodes, name, privacy)
        rows += len(nodes)
        ids.extend(hash(node["id"]) for node in nodes)
    known = np.sort(ids)  # np.unique hashes whole numbers, which takes seventy times as long
    different = int(np.count_nonzero(np.diff(known))) + min(1, len(known))
    if stated is not None and (rows, different) != (stated, stated):
        again = count()[1]
        stated = None if again is None else rows + _beyond(different, stated, again)
    yield Page(held, stated)


def _beyond(found: int, one: int, other: int) -> int:
    """How far a number must be moved to lie between two others: 0 where it does."""
    return min(max(found, min(one, other)), max(one, other)) - found


def _table(shop: api.Shop, stream: Stream, nodes: list[api.Node], name: str, privacy: Privacy) -> pa.Table:
    found, gid = [], "a node without id"
    try:
        for node in nodes:
            gid = node["id"]
            if stream.name == "orders":
                shop.complete(node)
            found.append(_ROW[stream.name](node, name, privacy))
        return pa.Table.from_pylist(found, schema=stream.schema)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        # pyarrow's own errors are ValueErrors or TypeErrors; ArithmeticError: a Decimal that is none
        raise SourceMalformed(
            f"{stream.label}: {gid} is not as the vendor documents it: {type(error).__name__} {error}"
        ) from None


def _since(window: Window, options: SourceOptions) -> str:
    if window.first is None:
        return ""
    midnight = datetime.combine(window.first, datetime.min.time(), ZoneInfo(options.timezone))
    return midnight.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _count(data: api.Node, label: str) -> tuple[str, int | None]:
    """The shop's name, and how many rows it counted if it counted exactly."""
    try:
        name, counted = data["shop"]["myshopifyDomain"], data["counted"]
        exact = bool(counted) and counted["precision"] == "EXACT" and counted["count"] != api.UNCOUNTABLE
        return name, int(counted["count"]) if exact else None
    except (KeyError, TypeError, ValueError) as error:
        raise SourceMalformed(f"{label}: the count is not as documented: {type(error).__name__} {error}") from None
