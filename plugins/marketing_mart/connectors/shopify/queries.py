"""The GraphQL texts sent to Shopify. Names, addresses and notes are never asked for; of a person only the email
and the phone number, which leave the connector as keyed hashes.

https://shopify.dev/docs/api/admin-graphql/2026-10
"""

from dataclasses import dataclass

VERSION = "2026-10"  # of the Admin API

_LINE = """
fragment LineFields on LineItem {
  id quantity sku title
  product { id }
  variant { id inventoryItem { unitCost { amount } } }
  originalUnitPriceSet { shopMoney { amount } }
  discountAllocations { allocatedAmountSet { shopMoney { amount } } }
  taxLines(first: 250) { rate priceSet { shopMoney { amount } } }
}
"""
_REFUND_LINE = """
fragment RefundLineFields on RefundLineItem {
  quantity
  lineItem { id }
  subtotalSet { shopMoney { amount } }
  totalTaxSet { shopMoney { amount } }
}
"""
_ADJUSTMENT = """
fragment AdjustmentFields on OrderAdjustment { amountSet { shopMoney { amount } } }
"""
_VISIT = """
fragment VisitFields on CustomerVisit {
  id occurredAt source sourceType landingPage referrerUrl
  utmParameters { source medium campaign content term }
}
"""

_ORDERS = (
    """
query Orders($first: Int!, $after: String, $query: String) {
  found: orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {
    pageInfo { hasNextPage endCursor }
    nodes {
      id createdAt processedAt updatedAt cancelledAt test
      currencyCode presentmentCurrencyCode displayFinancialStatus
      email phone
      customer { id }
      sourceName
      attribution { handle }
      taxesIncluded
      totalTaxSet { shopMoney { amount } }
      totalShippingPriceSet { shopMoney { amount } }
      discountCodes
      lineItems(first: 10) { pageInfo { hasNextPage endCursor } nodes { ...LineFields } }
      refunds(first: 250) {
        id processedAt
        refundLineItems(first: 10) { pageInfo { hasNextPage endCursor } nodes { ...RefundLineFields } }
        orderAdjustments(first: 5) { pageInfo { hasNextPage endCursor } nodes { ...AdjustmentFields } }
      }
      customerJourneySummary {
        firstVisit { ...VisitFields }
        lastVisit { ...VisitFields }
        moments(first: 10) { pageInfo { hasNextPage endCursor } nodes { ... on CustomerVisit { ...VisitFields } } }
      }
    }
  }
}
"""
    + _LINE
    + _REFUND_LINE
    + _ADJUSTMENT
    + _VISIT
)

_CUSTOMERS = """
query Customers($first: Int!, $after: String, $query: String) {
  found: customers(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {
    pageInfo { hasNextPage endCursor }
    nodes {
      id createdAt updatedAt
      defaultEmailAddress { emailAddress }
      defaultPhoneNumber { phoneNumber }
    }
  }
}
"""

_PRODUCTS = """
query Products($first: Int!, $after: String, $query: String) {
  found: products(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {
    pageInfo { hasNextPage endCursor }
    nodes { id createdAt updatedAt title productType category { fullName } vendor status }
  }
}
"""


@dataclass(frozen=True)
class Listing:
    """A stream's pages, and how many rows the shop says that there are.

    `always` is a search term that goes with every page: products are asked for by status, since the search that
    `query` starts is documented to default to active ones, and orders name archived ones too.
    """

    pages: str
    count: str
    always: str = ""

    def search(self, since: str) -> str | None:
        """The search for what changed at `since` or later; "" for everything."""
        return " ".join(filter(None, [self.always, since and f"updated_at:>='{since}'"])) or None


def _count(connection: str) -> str:
    # "The count is limited to 10,000 … by default. … pass `null` for no limit."
    return f"""
query Count($query: String) {{
  shop {{ myshopifyDomain }}
  counted: {connection}Count(query: $query, limit: null) {{ count precision }}
}}
"""


LISTINGS = {
    "orders": Listing(_ORDERS, _count("orders")),
    "customers": Listing(_CUSTOMERS, _count("customers")),
    "products": Listing(_PRODUCTS, _count("products"), "status:active,archived,draft,unlisted"),
}


@dataclass(frozen=True)
class Rest:
    """What reads on in a nested connection; `path` leads from the node asked for to the connection."""

    query: str
    path: tuple[str, ...]


_MORE = "(first: 100, after: $after) { pageInfo { hasNextPage endCursor } nodes"

MORE_LINES = Rest(
    f"query Rest($id: ID!, $after: String) {{ parent: order(id: $id) {{ lineItems{_MORE} {{ ...LineFields }} }} }} }}"
    + _LINE,
    ("lineItems",),
)
MORE_MOMENTS = Rest(
    "query Rest($id: ID!, $after: String) { parent: order(id: $id) { customerJourneySummary {"
    f" moments{_MORE} {{ ... on CustomerVisit {{ ...VisitFields }} }} }} }} }} }}" + _VISIT,
    ("customerJourneySummary", "moments"),
)
MORE_REFUND_LINES = Rest(
    "query Rest($id: ID!, $after: String) { parent: refund(id: $id) {"
    f" refundLineItems{_MORE} {{ ...RefundLineFields }} }} }} }}" + _REFUND_LINE,
    ("refundLineItems",),
)
MORE_ADJUSTMENTS = Rest(
    "query Rest($id: ID!, $after: String) { parent: refund(id: $id) {"
    f" orderAdjustments{_MORE} {{ ...AdjustmentFields }} }} }} }}" + _ADJUSTMENT,
    ("orderAdjustments",),
)
ALL_QUERIES = (
    *(text for listing in LISTINGS.values() for text in (listing.pages, listing.count)),
    *(rest.query for rest in (MORE_LINES, MORE_REFUND_LINES, MORE_ADJUSTMENTS, MORE_MOMENTS)),
)
