"""The simulated shop: its wire format, its search, its prices, and that it shows the view and nothing else."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import httpx
import pytest
import shop_view
from graphql import build_schema, execute, parse, print_schema
from shop_view import HandMade, Time
from starlette.applications import Starlette

from simulator.vendors import shopify
from simulator.vendors.shopify_graphql import Connection, Execution, cut, prepare, size
from simulator.vendors.shopify_nodes import Catalogue
from simulator.vendors.shopify_schema import differences, schema
from simulator.world import World

URL = f"/admin/api/{shopify.VERSION}/graphql.json"
GRANT = {"client_id": "demo-client", "client_secret": "demo-client-secret", "grant_type": "client_credentials"}


@dataclass
class Caller:
    """Posts to the app in this process."""

    app: Starlette
    headers: dict[str, str] = field(default_factory=dict)

    def post(self, path: str, **given) -> httpx.Response:
        async def posted() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://shop", headers=self.headers) as session:
                return await session.post(path, **given)

        return asyncio.run(posted())


def client(**given) -> Caller:
    class Clock:
        def view(self) -> HandMade:
            return given.get("view") or VIEW

    routes = shopify.routes(Clock(), **{name: value for name, value in given.items() if name != "view"})
    return Caller(Starlette(routes=routes))


VIEW = HandMade()


@pytest.fixture
def shop() -> Caller:
    return let_in(client(now=Time()))


def let_in(shop: Caller) -> Caller:
    shop.headers["X-Shopify-Access-Token"] = shop.post("/admin/oauth/access_token", data=GRANT).json()["access_token"]
    return shop


def ask(shop: Caller, query: str, **variables) -> dict:
    answer = shop.post(URL, json={"query": query, "variables": variables})
    assert answer.status_code == 200
    return answer.json()


def ids(shop: Caller, arguments: str, name: str = "orders") -> list[str]:
    answer = ask(shop, f"{{ {name}(first: 250, {arguments}) {{ nodes {{ id }} }} }}")
    return [node["id"].rpartition("/")[2] for node in answer["data"][name]["nodes"]]


# letting in


@pytest.mark.parametrize("as_json", [False, True])
def test_credentials_become_a_token_for_a_day(as_json):
    answer = client().post("/admin/oauth/access_token", **{"json" if as_json else "data": GRANT})
    assert answer.status_code == 200
    assert answer.json()["expires_in"] == 86399
    assert answer.json()["access_token"].startswith("shpat_")


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "wrong"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_other_credentials_become_none(changed, status, error):
    answer = client().post("/admin/oauth/access_token", data={**GRANT, **changed})
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_body_that_is_no_json_is_no_credential():
    answer = client().post("/admin/oauth/access_token", content="[", headers={"Content-Type": "application/json"})
    assert answer.status_code == 401


@pytest.mark.parametrize("headers", [{}, {"X-Shopify-Access-Token": "demo"}])
def test_without_a_good_token_nothing_is_told(headers):
    answer = client().post(URL, json={"query": "{ shop { name } }"}, headers=headers)
    assert answer.status_code == 401
    assert answer.json() == {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}


def test_a_token_ends():
    clock = Time()
    shop = let_in(client(now=clock, token_seconds=60))
    assert "data" in ask(shop, "{ shop { name } }")
    clock.now += 61
    assert shop.post(URL, json={"query": "{ shop { name } }"}).status_code == 401


def test_another_version_is_not_there(shop):
    assert shop.post("/admin/api/2019-04/graphql.json", json={"query": "{ shop { name } }"}).status_code == 404


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"query": 1}', '{"query": "{a}", "variables": [1]}', b"\xff"])
def test_a_body_that_is_no_request_is_a_400(shop, body):
    answer = shop.post(URL, content=body)
    assert (answer.status_code, list(answer.json())) == (400, ["errors"])


# executing


def test_a_field_that_is_not_there_is_an_error_with_status_200(shop):
    [error] = ask(shop, "{ orders(first: 1) { nodes { total } } }")["errors"]
    assert error["message"] == "Field 'total' doesn't exist on type 'Order'"
    assert error["extensions"] == {"code": "undefinedField", "typeName": "Order", "fieldName": "total"}
    assert error["locations"] == [{"line": 1, "column": 30}]


@pytest.mark.parametrize(
    ("query", "variables", "told"),
    [
        ("{ oops", {}, "Syntax Error"),
        ("query A { shop { name } } query B { shop { name } }", {}, "operation name"),
        ("{ shop { name @skip(if: true) } }", {}, "directives"),
        (
            "query ($n: Int!) { orders(first: $n) { nodes { id } } }",
            {},
            r"Variable \$n of type Int! was provided invalid",
        ),
        ("query ($n: Int!) { orders(first: $n) { nodes { id } } }", {"n": "x"}, r"Variable \$n of type Int!"),
        ("query ($n: Int) { orders(first: $n) { nodes { id } } }", {}, "one of first or last"),
        ("{ orders { nodes { id } } }", {}, "one of first or last"),
        ("{ orders(first: 251) { nodes { id } } }", {}, "cannot exceed 250"),
        ("{ orders(first: -1) { nodes { id } } }", {}, "positive"),
        ('{ orders(first: 1, after: "?") { nodes { id } } }', {}, "Invalid cursor"),
        ('{ order(id: "101") { id } }', {}, "Invalid global id"),
    ],
)
def test_a_query_that_cannot_be_run_is_told_why(shop, query, variables, told):
    answer = ask(shop, query, **variables)
    assert "data" not in answer
    assert re.search(told, answer["errors"][0]["message"])


QUERIES = {
    "scalars, lists, nulls": "{ orders(first: 9) { nodes { id email customer { id } discountCodes cancelledAt } } }",
    "aliases and edges": """{ found: orders(first: 2, sortKey: UPDATED_AT) {
        e: edges { c: cursor n: node { key: id } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }""",
    "nested connections": """{ orders(first: 9) { nodes { lineItems(first: 2) {
        nodes { title quantity } pageInfo { hasNextPage endCursor } } } } }""",
    "a selection in parts": """query { orders(first: 9) { nodes { ...A ...B lineItems(first: 1) { nodes { id } } } } }
        fragment A on Order { lineItems(first: 1) { nodes { variant { id } } } }
        fragment B on Node { id __typename }""",
    "an interface": """{ orders(first: 9) { nodes { customerJourneySummary { moments(first: 3) { nodes {
        __typename occurredAt ... on CustomerVisit { source utmParameters { source } } } } } } } }""",
    "refunds": """{ orders(first: 9) { nodes { refunds(first: 1) { id refundLineItems(first: 3) {
        nodes { quantity lineItem { id title } subtotalSet { shopMoney { amount currencyCode } } } } } } } }""",
    "several roots": "{ shop { name } ordersCount { count precision } products(first: 1) { nodes { title } } }",
}


@pytest.mark.parametrize("case", QUERIES)
def test_answers_are_those_of_the_reference_executor(case):
    catalogue = Catalogue(VIEW)
    ours = shopify.answer(QUERIES[case], {}, catalogue, shopify.Bucket())["data"]
    reference = execute(
        schema(),
        parse(QUERIES[case]),
        root_value=shopify._Shop(catalogue).resolvers(),
        field_resolver=_resolve,
        type_resolver=lambda value, info, kind: value["__typename"],
    )
    assert reference.errors is None
    assert ours == reference.data
    assert ours


def _resolve(source, info, **arguments):
    """The reference executor's way through nodes and pages."""
    if isinstance(source, Connection):
        last = len(source.nodes) - 1
        return {
            "nodes": source.nodes,
            "edges": [{"cursor": source.cursor_of(at), "node": node} for at, node in enumerate(source.nodes)],
            "pageInfo": {
                "hasNextPage": source.has_next,
                "hasPreviousPage": source.has_previous,
                "startCursor": source.cursor_of(0) if source.nodes else None,
                "endCursor": source.cursor_of(last) if source.nodes else None,
            },
        }[info.field_name]
    assert isinstance(source, Mapping)
    value = source[info.field_name]
    if callable(value):
        return value(arguments)
    if isinstance(value, list) and "first" in arguments:
        is_page = str(info.return_type).rstrip("!").endswith("Connection")
        return cut(value, arguments) if is_page else value[: arguments["first"]]
    return value


def test_pages_follow_by_cursor_to_the_end(shop):
    seen, after = [], None
    while True:
        text = """query ($after: String) { orders(first: 2, after: $after, sortKey: UPDATED_AT) {
            nodes { id } pageInfo { hasNextPage endCursor } } }"""
        page = ask(shop, text, after=after)["data"]["orders"]
        seen += [node["id"].rpartition("/")[2] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == ["101", "103", "104", "102", "105"]  # by change


def test_a_nested_connection_goes_on_behind_its_cursor(shop):
    text = """query ($after: String) { order(id: "gid://shopify/Order/105") { lineItems(first: 10, after: $after) {
        nodes { id } pageInfo { hasNextPage endCursor } } } }"""
    first = ask(shop, text)["data"]["order"]["lineItems"]
    rest = ask(shop, text, after=first["pageInfo"]["endCursor"])["data"]["order"]["lineItems"]
    assert (len(first["nodes"]), len(rest["nodes"])) == (10, 3)
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)


def test_a_node_that_is_not_there_is_null(shop):
    assert ask(shop, '{ order(id: "gid://shopify/Order/9") { id } }')["data"] == {"order": None}
    assert ask(shop, '{ refund(id: "gid://shopify/Refund/9") { id } }')["data"] == {"refund": None}


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ("sortKey: ID", ["101", "102", "103", "104", "105"]),
        ("sortKey: UPDATED_AT, reverse: true", ["105", "102", "104", "103", "101"]),
        ("query: \"updated_at:>='2025-03-09T12:00:00Z'\"", ["102", "105"]),
        ("query: \"updated_at:>'2025-03-09T12:00:00Z'\"", ["105"]),
        ('query: "updated_at:<2025-03-04"', ["101", "103"]),
        ("query: \"updated_at:>='2025-03-02' updated_at:<'2025-03-05'\"", ["103", "104"]),
        ('query: "financial_status:refunded"', ["103"]),
        ('query: "financial_status:partially_refunded,refunded"', ["102", "103", "105"]),
        ('query: "test:true"', ["104"]),
        ('query: "customer_id:11"', ["101", "103"]),
        ('query: "id:>=104"', ["104", "105"]),
        ('query: "created_at:>=2025-03-05"', ["105"]),
        ("query: null", ["101", "102", "103", "104", "105"]),
    ],
)
def test_a_search_finds(shop, arguments, found):
    assert ids(shop, arguments) == found


def test_products_are_found_by_their_status(shop):
    assert ids(shop, 'query: "status:active,draft"', "products") == ["701", "702"]
    assert ids(shop, 'query: "status:archived"', "products") == []


def test_a_term_that_is_unknown_is_ignored_with_a_warning(shop):
    answer = ask(shop, '{ orders(first: 9, query: "colour:red") { nodes { id } } }')
    assert len(answer["data"]["orders"]["nodes"]) == 5
    [search] = answer["extensions"]["search"]
    assert (search["path"], search["warnings"][0]["field"]) == (["orders"], "colour")


def test_counts_are_exact_up_to_their_limit(shop):
    def counted(arguments: str) -> dict:
        return ask(shop, f"{{ ordersCount({arguments}) {{ count precision }} }}")["data"]["ordersCount"]

    assert counted("limit: null") == {"count": 5, "precision": "EXACT"}
    assert counted("limit: 5") == {"count": 5, "precision": "EXACT"}
    assert counted("limit: 4") == {"count": 4, "precision": "AT_LEAST"}
    assert counted('query: "test:true"') == {"count": 1, "precision": "EXACT"}


# prices


@pytest.mark.parametrize(
    ("rows", "node_cost", "connection_cost"),
    [(200, 1, 12), (100, 5, 48 - 1), (100, 5, 47), (150, 11, 112), (3, 10, 23 - 1)],
    ids=["ProductIds", "InventoryEntries", "ProductImages", "NextOpenOrdToImport", "OrderLines"],
)
def test_connections_cost_what_was_measured_on_real_shops(rows, node_cost, connection_cost):
    assert 2 + size(rows) * node_cost == connection_cost


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        ("{ shop { name } }", 1),
        ("{ products(first:200) { pageInfo { hasNextPage } edges { cursor node { id updatedAt } } } }", 12),
        ("{ products(first: 1) { nodes { id } } }", 3),
        ("{ orders(first: 100) { nodes { totalTaxSet { shopMoney { amount } } customer { id } } } }", 2 + 9 * 2),
        ("{ orders(first: 100) { nodes { lineItems(first: 10) { nodes { id } } } } }", 2 + 9 * (1 + 2 + 4)),
    ],
)
def test_a_query_costs_its_objects_and_sized_connections(query, cost):
    assert Execution(prepare(query), {}).requested_cost() == cost


def test_what_was_not_shown_is_given_back(shop):
    cost = ask(shop, "{ orders(first: 250) { nodes { lineItems(first: 50) { nodes { id } } } } }")["extensions"]["cost"]
    assert cost["requestedQueryCost"] == 2 + 11 * (1 + 2 + 7)
    assert cost["actualQueryCost"] < cost["requestedQueryCost"]
    assert cost["throttleStatus"] == {
        "maximumAvailable": 20000.0,
        "currentlyAvailable": 20000 - cost["actualQueryCost"],
        "restoreRate": 1000.0,
    }


def test_an_empty_bucket_throttles_until_it_is_restored():
    clock = Time()
    shop = let_in(client(now=clock, bucket=shopify.Bucket(20, 2, now=clock)))
    query = "{ products(first: 200) { nodes { id } } }"
    spent = ask(shop, query)["extensions"]["cost"]["actualQueryCost"]
    shop_left = 20 - spent
    while shop_left >= 12:
        shop_left -= ask(shop, query)["extensions"]["cost"]["actualQueryCost"]
    answer = ask(shop, query)
    assert answer["errors"][0]["message"] == "Throttled"
    assert answer["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert "data" not in answer
    assert answer["extensions"]["cost"]["requestedQueryCost"] == 12
    assert answer["extensions"]["cost"]["actualQueryCost"] is None
    clock.now += (12 - shop_left) / 2
    assert "data" in ask(shop, query)


def test_a_query_over_a_thousand_points_is_refused(shop):
    text = """{ orders(first: 250) { nodes { lineItems(first: 250) { nodes {
        variant { inventoryItem { id } } product { id } discountAllocations { __typename } taxLines { rate }
        } } refunds(first: 9) { refundLineItems(first: 250) { nodes { lineItem { product { id } } } } } } } }"""
    [error] = ask(shop, text)["errors"]
    assert error["extensions"]["code"] == "MAX_COST_EXCEEDED"
    assert error["extensions"]["maxCost"] == 1000 < error["extensions"]["cost"]


# the world


def test_a_moved_clock_is_seen_by_the_next_request():
    view = HandMade(shown=shop_view.ORDERS[:2])
    shown = [view]

    class Clock:
        def view(self) -> HandMade:
            return shown[0]

    shop = let_in(Caller(Starlette(routes=shopify.routes(Clock()))))
    assert ids(shop, "sortKey: ID") == ["101", "102"]
    shown[0] = HandMade()
    assert len(ids(shop, "sortKey: ID")) == 5


def test_the_world_s_orders_are_shown_to_the_cent():
    view = World(7, "demo").as_of(shop_view.datetime(2024, 3, 1, tzinfo=shop_view.UTC))
    catalogue, bucket = Catalogue(view), shopify.Bucket()
    text = """query ($after: String) { orders(first: 250, after: $after, sortKey: UPDATED_AT) {
        nodes { id lineItems(first: 50) { nodes { quantity originalUnitPriceSet { shopMoney { amount } }
          discountAllocations { allocatedAmountSet { shopMoney { amount } } }
          taxLines(first: 9) { priceSet { shopMoney { amount } } } } }
          refunds(first: 9) { refundLineItems(first: 50) { nodes { subtotalSet { shopMoney { amount } } } } } }
        pageInfo { hasNextPage endCursor } } }"""
    nets, after = {}, None
    while True:
        page = shopify.answer(text, {"after": after}, catalogue, bucket)["data"]["orders"]
        nets |= {node["id"].rpartition("/")[2]: _net(node) for node in page["nodes"]}
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    truth = {
        order.order_id: sum(line.unit_price * line.quantity - line.discount for line in order.lines)
        - sum(line.amount for refund in order.refunds for line in refund.lines)
        for order in view.orders()
    }
    assert len(truth) > 100
    assert nets == truth


def _net(node: dict) -> Decimal:
    def amount(bag: dict) -> Decimal:
        return Decimal(bag["shopMoney"]["amount"])

    sold = sum(
        amount(line["originalUnitPriceSet"]) * line["quantity"]
        - sum(amount(each["allocatedAmountSet"]) for each in line["discountAllocations"])
        for line in node["lineItems"]["nodes"]
    )
    lines = (line for refund in node["refunds"] for line in refund["refundLineItems"]["nodes"])
    return sold - sum(amount(line["subtotalSet"]) for line in lines)


def test_the_schema_is_compared_name_by_name_and_type_by_type():
    assert differences(schema(), schema()) == []
    text = print_schema(schema())
    other = build_schema(
        text.replace("processedAt: DateTime!", "processedAt: DateTime").replace("  PARTIALLY_PAID\n", "")
        .replace("sourceName: String\n", "").replace("ordersCount(limit: Int,", "ordersCount(limit: Float,")
    )  # fmt: skip
    assert differences(schema(), other) == [
        "QueryRoot.ordersCount(limit): Int here, Float there",
        "Order.processedAt: DateTime! here, DateTime there",
        "Order.sourceName: not there",
        "OrderDisplayFinancialStatus.PARTIALLY_PAID: not there",
        "Refund.processedAt: DateTime! here, DateTime there",
    ]
