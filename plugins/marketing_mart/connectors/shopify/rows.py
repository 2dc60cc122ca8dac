"""Shopify's nodes become landed rows: plain functions from one node to one row.

Quoted below: https://shopify.dev/docs/api/admin-graphql/2026-10/objects/Order, /LineItem, /Refund, /OrderAdjustment,
/CustomerVisit; https://shopify.dev/docs/api/admin-rest/2024-10/resources/refund. Nullable fields may be null;
KeyError, TypeError and ValueError mean that a node is not what the vendor documents.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from marketing_mart.privacy import Privacy

Node = Mapping[str, Any]

_MILLIONTH = Decimal("0.000001")  # the scale of landed money
_SALES_CHANNELS = {"web": "online", "pos": "store"}
# The medium of a visit without UTM parameters, from the vendor's "Type of marketing tactic"
_MEDIA = {
    "AD": "cpc",
    "AFFILIATE": "affiliate",
    "LINK": "referral",
    "NEWSLETTER": "email",
    "POST": "referral",
    "RETARGETING": "retargeting",
    "SEO": "organic",
}
_NO_SOURCE = {"direct", "unknown", ""}
_GOOGLE_CLICKS = {"gclid", "gbraid", "wbraid"}  # auto-tagged: Google Ads needs no UTM parameters
# what a landing page's address may keep: campaign parameters and the ad platforms' click ids
_KEPT_PARAMETERS = {
    "gclid", "gbraid", "wbraid", "dclid", "fbclid", "msclkid", "ttclid", "twclid", "li_fat_id", "epik", "sccid",
}  # fmt: skip


def order_row(node: Node, shop: str, privacy: Privacy) -> dict[str, Any]:
    lines = [_line(line, node["taxesIncluded"]) for line in node["lineItems"]["nodes"]]
    return {
        "shop": shop,
        "order_id": number(node["id"]),
        "created_at": instant(node["createdAt"]),
        "processed_at": instant(node["processedAt"]),
        "updated_at": instant(node["updatedAt"]),
        "cancelled_at": instant(node["cancelledAt"]) if node["cancelledAt"] else None,
        "is_test": node["test"],
        "currency": node["currencyCode"],
        "presentment_currency": node["presentmentCurrencyCode"],
        "financial_status": (node["displayFinancialStatus"] or "").lower() or None,
        "customer_id": _number_of(node["customer"]),
        "email_hash": privacy.email(node["email"]),
        "phone_hash": privacy.phone(node["phone"]),
        "sales_channel": _sales_channel(node),
        "taxes_included": node["taxesIncluded"],
        "gross_amount": sum((line["unit_price"] * line["quantity"] for line in lines), Decimal()),
        "discount_amount": sum((line["discount_amount"] for line in lines), Decimal()),
        "tax_amount": _money(node["totalTaxSet"]) if node["totalTaxSet"] else Decimal(),
        "shipping_amount": _shipping(node),
        "discount_codes": list(node["discountCodes"]),
        "lines": lines,
        "refunds": [_refund(refund, node["taxesIncluded"]) for refund in node["refunds"]],
        "visits": _visits(node["customerJourneySummary"]),
    }


def customer_row(node: Node, shop: str, privacy: Privacy) -> dict[str, Any]:
    email, phone = node["defaultEmailAddress"], node["defaultPhoneNumber"]
    return {
        "shop": shop,
        "customer_id": number(node["id"]),
        "created_at": instant(node["createdAt"]),
        "updated_at": instant(node["updatedAt"]),
        "email_hash": privacy.email(email["emailAddress"]) if email else None,
        "phone_hash": privacy.phone(phone["phoneNumber"]) if phone else None,
    }


def product_row(node: Node, shop: str, privacy: Privacy) -> dict[str, Any]:
    category = node["category"]
    return {
        "shop": shop,
        "product_id": number(node["id"]),
        "created_at": instant(node["createdAt"]),
        "updated_at": instant(node["updatedAt"]),
        "product_name": node["title"],
        "category": node["productType"] or (category["fullName"] if category else None),
        "vendor": node["vendor"],
        "status": node["status"].lower(),
    }


def number(gid: str) -> str:
    """The shop's own id in a global one: gid://shopify/Order/1 -> 1."""
    opening, _, tail = gid.rpartition("/")
    if not (opening.startswith("gid://shopify/") and tail):
        raise ValueError(f"{gid!r} is no global id")
    return tail.partition("?")[0]


def instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset")
    return moment.astimezone(UTC)


def _number_of(node: Node | None) -> str | None:
    return number(node["id"]) if node else None


def _money(bag: Node) -> Decimal:
    return Decimal(bag["shopMoney"]["amount"])


def _line(node: Node, taxes_included: bool) -> dict[str, Any]:
    """A line, with its price and discount without tax.

    Order.taxesIncluded: "When `true`, the subtotal and line item prices include tax amounts. When `false`, taxes are
    calculated and displayed separately." TaxLine.priceSet: "The amount of tax … after discounts and before returns."
    So what the line was sold for, without tax, is price x quantity - discounts - tax to the last unit, and the price
    without tax is the price in that proportion; the discount without tax is what lies between the two.
    LineItem.quantity: "including refunded and removed units"; discountAllocations hold the line's share of the
    order's discounts too, "including discounts allocated to refunded and removed quantities".
    """
    quantity, price = node["quantity"], _money(node["originalUnitPriceSet"])
    discount = sum(
        (_money(each["allocatedAmountSet"]) for each in node["discountAllocations"]),
        Decimal(),
    )
    if taxes_included:
        sold_for = price * quantity - discount
        tax = sum((_money(each["priceSet"]) for each in node["taxLines"]), Decimal())
        if sold_for:
            price = (price * (sold_for - tax) / sold_for).quantize(_MILLIONTH)
        else:  # given away: the tax is 0 and only its rate tells what the price included
            rate = sum((Decimal(each["rate"] or 0) for each in node["taxLines"]), Decimal())
            price = (price / (1 + rate)).quantize(_MILLIONTH)
        discount = price * quantity - (sold_for - tax)
    variant = node["variant"] or {}
    unit_cost = (variant.get("inventoryItem") or {}).get("unitCost")
    return {
        "line_id": number(node["id"]),
        "product_id": _number_of(node["product"]),
        "variant_id": _number_of(node["variant"]),
        "sku": node["sku"] or None,
        "product_name": node["title"],
        "quantity": quantity,
        "unit_price": price,
        "discount_amount": discount,
        "unit_cost": Decimal(unit_cost["amount"]) if unit_cost else None,
    }


def _refund(node: Node, taxes_included: bool) -> dict[str, Any]:
    """A refund without its tax and shipping.

    A refunded line's subtotal is at the line's price after discounts, so it includes tax where prices do. Refunded
    shipping stands apart (refundShippingLines) and is not asked for. An order adjustment is "the discrepancy between
    the calculated refund and the actual refund": positive in the merchant's favor (given back less than the lines
    say), negative in the customer's; its tax stands beside it ("taxes that are added to `amount`").
    """
    lines = []
    for line in node["refundLineItems"]["nodes"]:
        tax = _money(line["totalTaxSet"]) if taxes_included else Decimal()
        lines.append(
            {
                "line_id": number(line["lineItem"]["id"]),
                "quantity": line["quantity"],
                "amount": _money(line["subtotalSet"]) - tax,
            }
        )
    kept = sum(
        (_money(each["amountSet"]) for each in node["orderAdjustments"]["nodes"]),
        Decimal(),
    )
    return {
        "refund_id": number(node["id"]),
        "refunded_at": instant(node["processedAt"]),
        "amount": sum((line["amount"] for line in lines), Decimal()) - kept,
        "lines": lines,
    }


def _shipping(node: Node) -> Decimal:
    """Shipping without tax; where prices include tax, shipping's own is what the order's has beyond the lines'."""
    shipping = _money(node["totalShippingPriceSet"])
    if not node["taxesIncluded"] or not node["totalTaxSet"]:
        return shipping
    of_lines = (each["priceSet"] for line in node["lineItems"]["nodes"] for each in line["taxLines"])
    return shipping - (_money(node["totalTaxSet"]) - sum(map(_money, of_lines), Decimal()))


def _sales_channel(node: Node) -> str | None:
    """Order.sourceName: "such as "web", "mobile_app", or "pos""; a channel's app leaves its number there, and then
    the attribution's handle says more."""
    name = node["sourceName"] or ""
    if (not name or name.isdigit()) and node["attribution"]:
        name = node["attribution"]["handle"]
    return _SALES_CHANNELS.get(name, name) or None


def _visits(journey: Node | None) -> list[dict[str, Any]]:
    """The sessions before the order, oldest first. Shopify attributes them some minutes after the order: until
    then the journey is absent, or there with no moments."""
    if not journey:
        return []
    moments = (journey["moments"] or {}).get("nodes", [])
    nodes = [*moments, journey["firstVisit"], journey["lastVisit"]]
    visits = {node["id"]: node for node in reversed(nodes) if node}
    return sorted(
        map(_visit, visits.values()),
        key=lambda visit: (visit["occurred_at"], visit["visit_id"]),
    )


def _visit(node: Node) -> dict[str, Any]:
    told = {name: _impersonal(value) for name, value in (node["utmParameters"] or {}).items()}
    if not (told.get("source") or told.get("medium")):
        told |= _untagged(node)
    return {
        "visit_id": number(node["id"]),
        "occurred_at": instant(node["occurredAt"]),
        **{name: told.get(name) for name in ("source", "medium", "campaign", "content", "term")},
        "landing_url": _address(node["landingPage"], _is_campaign_parameter),
        "referrer": _address(node["referrerUrl"], lambda name: False),
    }


def _untagged(node: Node) -> dict[str, str | None]:
    """Source and medium of a visit without UTM parameters, as a tracker would name them; none if it was direct."""
    parameters = dict(parse_qsl(urlsplit(node["landingPage"] or "").query))
    if _GOOGLE_CLICKS & set(parameters):
        return {"source": "google", "medium": "cpc"}
    source = (node["source"] or "").lower()
    if source in _NO_SOURCE:
        return {}
    medium = "referral" if node["referrerUrl"] else None
    return {"source": _impersonal(source), "medium": _MEDIA.get(node["sourceType"] or "", medium)}


def _is_campaign_parameter(name: str) -> bool:
    return name.startswith("utm_") or name in _KEPT_PARAMETERS


def _impersonal(text: str | None) -> str | None:
    """Mail programs write addresses into UTM parameters: such a value is dropped."""
    return text if text and "@" not in text else None


def _address(url: str | None, keep) -> str | None:
    """The address without what may name a person: user, fragment, other parameters, a path with an @ in it."""
    if not url:
        return None
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query) if keep(name) and "@" not in value]
    path = "" if "@" in parts.path or "%40" in parts.path else parts.path
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], path, urlencode(query), ""))
