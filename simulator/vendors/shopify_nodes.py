"""The simulated business as Shopify shows it: one plain dict per node, with the schema's field names as keys.

A list under a connection's name holds that connection's nodes; the executor pages over it. Amounts lose their
trailing zeros and instants their fractions, as the vendor's do.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, urlsplit

from simulator.nouns import Customer, Order, OrderLine, Product, Refund, View, Visit

Node = dict[str, Any]

DOMAIN = "harbour-and-pine.myshopify.com"
_TACTICS = {"affiliate": "AFFILIATE", "email": "NEWSLETTER", "organic": "SEO", "referral": "LINK"}


class Listing:
    """What a root connection lists, ordered by change: rows of the world, made into nodes only when shown."""

    def __init__(self, rows: Sequence[Any], id_of: Callable[[Any], str], node_of: Callable[[Any], Node]) -> None:
        self.rows = sorted(rows, key=lambda row: (instant(row.updated_at), id_of(row)))
        self.changes = [instant(row.updated_at) for row in self.rows]
        self.keys = [(change, id_of(row)) for change, row in zip(self.changes, self.rows, strict=True)]
        self.node_of = node_of

    @cached_property
    def position(self) -> dict[str, int]:
        return {key: at for at, (_, key) in enumerate(self.keys)}

    def since(self, instant_text: str) -> int:
        """Position of the first row that changed then or later."""
        return bisect_left(self.changes, instant_text)


class Catalogue:
    """A view's listings, each worked out when first asked for."""

    def __init__(self, view: View) -> None:
        self.view = view

    @cached_property
    def orders(self) -> Listing:
        return Listing(self.view.orders(), lambda order: order.order_id, order_node)

    @cached_property
    def customers(self) -> Listing:
        return Listing(self.view.customers(), lambda customer: customer.customer_id, customer_node)

    @cached_property
    def products(self) -> Listing:
        return Listing(self.view.products(), lambda product: product.product_id, product_node)

    @cached_property
    def refunds(self) -> dict[str, tuple[Order, Refund]]:
        return {refund.refund_id: (order, refund) for order in self.orders.rows for refund in order.refunds}

    def order(self, key: str) -> Node | None:
        at = self.orders.position.get(key)
        return None if at is None else order_node(self.orders.rows[at])

    def refund(self, key: str) -> Node | None:
        return refund_node(*self.refunds[key]) if key in self.refunds else None


def shop_node() -> Node:
    return {
        "id": "gid://shopify/Shop/1",
        "name": "Harbour & Pine",
        "myshopifyDomain": DOMAIN,
        "currencyCode": "EUR",
        "ianaTimezone": "Europe/Berlin",
        "taxesIncluded": False,
    }


def order_node(order: Order) -> Node:
    return {
        "id": f"gid://shopify/Order/{order.order_id}",
        "name": f"#{order.order_id[-6:]}",
        "attribution": {"displayName": "Online Store", "handle": "online_store"},
        "cancelledAt": instant(order.cancelled_at) if order.cancelled_at else None,
        "createdAt": instant(order.created_at),
        "currencyCode": order.currency,
        "customer": customer_node(order.customer) if order.customer else None,
        "customerJourneySummary": _journey(order.visits),
        "discountCodes": list(order.discount_codes),
        "displayFinancialStatus": _financial_status(order),
        "email": order.email or None,
        "lineItems": [line_node(order, line) for line in order.lines],
        "phone": order.phone or None,
        "presentmentCurrencyCode": order.currency,
        "processedAt": instant(order.processed_at),
        "refunds": [refund_node(order, refund) for refund in order.refunds],
        "sourceName": "web",
        "taxesIncluded": False,
        "test": order.is_test,
        "totalShippingPriceSet": _bag(order.shipping, order.currency),
        "totalTaxSet": _bag(order.tax, order.currency),
        "updatedAt": instant(order.updated_at),
    }


def line_node(order: Order, line: OrderLine) -> Node:
    product, currency = line.product, order.currency
    unit_cost = None if product.unit_cost is None else _money(product.unit_cost, currency)
    net = _net(line)
    order_net = sum(map(_net, order.lines))
    tax = (order.tax * net / order_net).quantize(Decimal("0.01")) if order_net else Decimal(0)
    rate = float(round(tax / net, 2)) if net else None
    return {
        "id": f"gid://shopify/LineItem/{line.line_id}",
        "discountAllocations": [{"allocatedAmountSet": _bag(line.discount, currency)}] if line.discount else [],
        "originalUnitPriceSet": _bag(line.unit_price, currency),
        "product": product_node(product),
        "quantity": line.quantity,
        "sku": product.sku,
        "taxLines": [{"priceSet": _bag(tax, currency), "rate": rate, "title": "VAT"}] if tax else [],
        "title": product.name,
        "variant": {
            "id": f"gid://shopify/ProductVariant/{product.variant_id}",
            "inventoryItem": {"id": f"gid://shopify/InventoryItem/{product.variant_id}", "unitCost": unit_cost},
            "sku": product.sku,
            "title": "Default Title",
        },
    }


def refund_node(order: Order, refund: Refund) -> Node:
    """The refund's tax stands at its first line."""
    lines = {line.line_id: line for line in order.lines}
    taxes = [refund.tax, *[Decimal(0)] * len(refund.lines)]
    return {
        "id": f"gid://shopify/Refund/{refund.refund_id}",
        "createdAt": instant(refund.refunded_at),
        "orderAdjustments": [],
        "processedAt": instant(refund.refunded_at),
        "refundLineItems": [
            {
                "id": f"gid://shopify/RefundLineItem/{refund.refund_id}{number:02d}",
                "lineItem": line_node(order, lines[line.line_id]),
                "quantity": line.quantity,
                "subtotalSet": _bag(line.amount, order.currency),
                "totalTaxSet": _bag(tax, order.currency),
            }
            for number, (line, tax) in enumerate(zip(refund.lines, taxes, strict=False), start=1)
        ],
    }


def customer_node(customer: Customer) -> Node:
    return {
        "id": f"gid://shopify/Customer/{customer.customer_id}",
        "createdAt": instant(customer.created_at),
        "defaultEmailAddress": {"emailAddress": customer.email} if customer.email else None,
        "defaultPhoneNumber": {"phoneNumber": customer.phone} if customer.phone else None,
        "displayName": f"{customer.first_name} {customer.last_name}".strip() or customer.email,
        "firstName": customer.first_name or None,
        "lastName": customer.last_name or None,
        "updatedAt": instant(customer.updated_at),
    }


def product_node(product: Product) -> Node:
    return {
        "id": f"gid://shopify/Product/{product.product_id}",
        "category": None,
        "createdAt": instant(product.created_at),
        "productType": product.category,
        "status": "ACTIVE",
        "title": product.name,
        "updatedAt": instant(product.updated_at),
        "vendor": product.vendor,
    }


def instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _journey(visits: Sequence[Visit]) -> Node | None:
    if not visits:
        return None
    moments = [_visit_node(visit) for visit in visits]
    return {
        "firstVisit": moments[0],
        "lastVisit": moments[-1],
        "moments": moments,
        "momentsCount": {"count": len(moments), "precision": "EXACT"},
        "ready": True,
    }


def _visit_node(visit: Visit) -> Node:
    """UTM parameters are what the landing page's address says; where it says none, the shop names the source."""
    told = {name: values[0] for name, values in parse_qs(urlsplit(visit.landing_url).query).items()}
    utm = {name: told.get(f"utm_{name}") for name in ("campaign", "content", "medium", "source", "term")}
    return {
        "__typename": "CustomerVisit",
        "id": f"gid://shopify/CustomerVisit/{visit.visit_id}",
        "landingPage": visit.landing_url or None,
        "occurredAt": instant(visit.started_at),
        "referrerUrl": visit.referrer or None,
        "source": (visit.source if "." in visit.source else visit.source.capitalize()) or "direct",
        "sourceType": _TACTICS.get(visit.medium),
        "utmParameters": utm if any(utm.values()) else None,
    }


def _financial_status(order: Order) -> str:
    given_back = sum(line.amount for refund in order.refunds for line in refund.lines)
    if not given_back:
        return "VOIDED" if order.cancelled_at else "PAID"
    return "REFUNDED" if given_back == sum(map(_net, order.lines)) else "PARTIALLY_REFUNDED"


def _net(line: OrderLine) -> Decimal:
    return line.unit_price * line.quantity - line.discount


def _bag(amount: Decimal, currency: str) -> Node:
    money = _money(amount, currency)
    return {"presentmentMoney": money, "shopMoney": money}


def _money(amount: Decimal, currency: str) -> Node:
    whole, _, part = str(amount).partition(".")
    return {"amount": f"{whole}.{part.rstrip('0') or '0'}", "currencyCode": currency}
