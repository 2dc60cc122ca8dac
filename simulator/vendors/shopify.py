"""Shopify's Admin API of one shop: the token endpoint of the client-credentials grant, and GraphQL.

https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/client-credentials-grant
https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits
https://shopify.dev/docs/api/admin-graphql#status_and_error_codes
"""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl

from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.nouns import View
from simulator.vendors.shopify_graphql import Connection, Execution, cursor, prepare, read_cursor, variables_of
from simulator.vendors.shopify_nodes import Catalogue, Listing, Node, shop_node
from simulator.vendors.shopify_search import Search, parse

VERSION = "2026-10"
CLIENT_ID, CLIENT_SECRET = "demo-client", "demo-client-secret"
TOKEN_SECONDS = 86399
MOST_EXPENSIVE = 1000  # "A single query may not exceed a cost of 1,000 points, regardless of plan limits."
_COUNT_LIMIT = 10_000  # "The count is limited to 10,000 orders by default."
_LIMITS_PAGE = "https://shopify.dev/api/usage/rate-limits"
_WRONG_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"


class Clock(Protocol):
    def view(self) -> View: ...


@dataclass
class Bucket:
    """Cost points: filled up to `size`, restored by `per_second`. The defaults are those of Shopify Plus."""

    size: float = 20_000
    per_second: float = 1000
    now: Callable[[], float] = time.monotonic
    _left: float = field(init=False)
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        self._left, self._at = self.size, self.now()

    def left(self) -> float:
        now = self.now()
        self._left = min(self.size, self._left + (now - self._at) * self.per_second)
        self._at = now
        return self._left

    def take(self, points: float) -> bool:
        if self.left() < points:
            return False
        self._left -= points
        return True

    def give_back(self, points: float) -> None:
        self._left = min(self.size, self._left + points)

    def status(self) -> dict[str, float]:
        return {
            "maximumAvailable": float(self.size),
            "currentlyAvailable": int(self.left()),
            "restoreRate": float(self.per_second),
        }


class Tokens:
    """The access tokens given out, each good for `seconds`."""

    def __init__(self, seconds: float, now: Callable[[], float]) -> None:
        self.seconds, self._now = seconds, now
        self._ends: dict[str, float] = {}

    def issue(self) -> str:
        token = "shpat_" + secrets.token_hex(16)
        self._ends[token] = self._now() + self.seconds
        return token

    def is_good(self, token: str) -> bool:
        return self._now() < self._ends.get(token, 0.0)


def routes(
    clock: Clock,
    *,
    bucket: Bucket | None = None,
    token_seconds: float = TOKEN_SECONDS,
    now: Callable[[], float] = time.monotonic,
) -> list[Route]:
    points = bucket or Bucket(now=now)
    tokens = Tokens(token_seconds, now)
    catalogues: list[Catalogue] = []  # the one of the clock's present view

    def catalogue() -> Catalogue:
        view = clock.view()
        if not catalogues or catalogues[0].view is not view:
            catalogues[:] = [Catalogue(view)]
        return catalogues[0]

    async def token(request: Request) -> Response:
        form = await _form(request)
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            answer = {"error": "invalid_client", "error_description": "The client credentials are invalid."}
            return JSONResponse(answer, 401)
        if form.get("grant_type") != "client_credentials":
            answer = {"error": "unsupported_grant_type", "error_description": "The grant type is not supported."}
            return JSONResponse(answer, 400)
        scope = "read_all_orders,read_customers,read_inventory,read_orders,read_products"
        return JSONResponse({"access_token": tokens.issue(), "scope": scope, "expires_in": token_seconds})

    async def graphql(request: Request) -> Response:
        if not tokens.is_good(request.headers.get("x-shopify-access-token", "")):
            return JSONResponse({"errors": _WRONG_TOKEN}, 401)
        if request.path_params["version"] != VERSION:
            return JSONResponse({"errors": "Not Found"}, 404)
        try:
            body = json.loads(await request.body())
            text, variables = body["query"], body.get("variables") or {}
            if not (isinstance(text, str) and isinstance(variables, dict)):
                raise TypeError("a text and an object")
        except (ValueError, KeyError, TypeError, AttributeError):
            return JSONResponse({"errors": {"query": "Required parameter missing or invalid"}}, 400)
        return JSONResponse(answer(text, variables, catalogue(), points))

    return [
        Route("/admin/oauth/access_token", token, methods=["POST"]),
        Route("/admin/api/{version}/graphql.json", graphql, methods=["POST"]),
    ]


def answer(text: str, variables: Mapping[str, Any], catalogue: Catalogue, bucket: Bucket) -> dict[str, Any]:
    """The GraphQL response: errors come with status 200."""
    prepared = prepare(text)
    if prepared.errors:
        return {"errors": prepared.errors}
    try:
        execution = Execution(prepared, variables_of(prepared, variables))
        requested = execution.requested_cost()
        if requested > MOST_EXPENSIVE:
            return {"errors": [_too_expensive(requested)]}
        if not bucket.take(requested):
            error = {"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": _LIMITS_PAGE}}
            return {"errors": [error], "extensions": {"cost": _cost(requested, None, bucket)}}
        shop = _Shop(catalogue)
        data = execution.run(shop.resolvers())
    except GraphQLError as error:
        return {"errors": [{"message": error.message, "extensions": {"code": "BAD_REQUEST"}}]}
    actual = min(requested, execution.actual_cost())
    bucket.give_back(requested - actual)
    extensions = {"cost": _cost(requested, actual, bucket)}
    if shop.warnings:
        extensions["search"] = shop.warnings
    return {"data": data, "extensions": extensions}


class _Shop:
    """The root fields over a catalogue; collects the warnings of searches that were not understood."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.warnings: list[dict[str, Any]] = []

    def resolvers(self) -> dict[str, Callable[[Mapping[str, Any]], Any]]:
        book = self._catalogue
        return {
            "shop": lambda arguments: shop_node(),
            "order": lambda arguments: book.order(_key(arguments["id"], "Order")),
            "refund": lambda arguments: book.refund(_key(arguments["id"], "Refund")),
            "orders": lambda arguments: self._page(book.orders, "orders", arguments),
            "customers": lambda arguments: self._page(book.customers, "customers", arguments),
            "products": lambda arguments: self._page(book.products, "products", arguments),
            "ordersCount": lambda arguments: self._count(book.orders, "orders", arguments),
            "customersCount": lambda arguments: self._count(book.customers, "customers", arguments),
            "productsCount": lambda arguments: self._count(book.products, "products", arguments),
        }

    def _page(self, listing: Listing, name: str, arguments: Mapping[str, Any]) -> Connection:
        """In the order of change; sorted by id if the query asks for no other order, as the vendor does."""
        positions = self._found(listing, name, arguments)
        by_change = arguments.get("sortKey") == "UPDATED_AT"
        key_of = listing.keys.__getitem__ if by_change else lambda at: ("", listing.keys[at][1])
        if not by_change or arguments.get("reverse"):
            positions = sorted(positions, key=key_of, reverse=bool(arguments.get("reverse")))
        start = 0
        if arguments.get("after"):
            start = _start(positions, key_of, read_cursor(arguments["after"]), bool(arguments.get("reverse")))
        shown = positions[start : start + arguments["first"]]
        nodes: list[Node] = [listing.node_of(listing.rows[at]) for at in shown]

        def cursor_of(at: int) -> str:
            change, key = key_of(shown[at])
            return cursor(key, change)

        return Connection(nodes, cursor_of, start + len(shown) < len(positions), start > 0)

    def _count(self, listing: Listing, name: str, arguments: Mapping[str, Any]) -> Node:
        found = len(self._found(listing, name, arguments))
        limit = arguments.get("limit", _COUNT_LIMIT)
        if limit is not None and found > limit:
            return {"count": limit, "precision": "AT_LEAST"}
        return {"count": found, "precision": "EXACT"}

    def _found(self, listing: Listing, name: str, arguments: Mapping[str, Any]) -> range | list[int]:
        query = arguments.get("query")
        search: Search = parse(query, {"orders": "Order", "customers": "Customer", "products": "Product"}[name])
        if search.unknown:
            warnings = [
                {"field": each, "message": "Invalid search field for this query.", "code": "invalid_field"}
                for each in search.unknown
            ]
            self.warnings.append({"path": [name], "query": query, "warnings": warnings})
        return search.positions(listing)


def _start(
    positions: range | list[int], key_of: Callable[[int], tuple[str, str]], after: Mapping[str, Any], reverse: bool
) -> int:
    """Where a page begins: behind the cursor's row, or where that row would be."""
    wanted, low, high = (after["last_value"], after["last_id"]), 0, len(positions)
    while low < high:
        middle = (low + high) // 2
        key = key_of(positions[middle])
        behind = key < wanted if reverse else key > wanted
        low, high = (low, middle) if behind else (middle + 1, high)
    return low


def _key(gid: str, node_type: str) -> str:
    opening, _, key = gid.rpartition("/")
    if opening != f"gid://shopify/{node_type}":
        raise GraphQLError(f"Invalid global id '{gid}'")
    return key


def _cost(requested: int, actual: int | None, bucket: Bucket) -> dict[str, Any]:
    return {"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": bucket.status()}


def _too_expensive(cost: int) -> dict[str, Any]:
    message = (
        f"Query cost is {cost}, which exceeds the single query max cost limit ({MOST_EXPENSIVE}).\n\n"
        f"See {_LIMITS_PAGE} for more information on how the\ncost of a query is calculated.\n"
    )
    extensions = {
        "code": "MAX_COST_EXCEEDED",
        "cost": cost,
        "maxCost": MOST_EXPENSIVE,
        "documentation": _LIMITS_PAGE,
    }
    return {"message": message, "extensions": extensions}


async def _form(request: Request) -> dict[str, str]:
    """A form or JSON, as the endpoint takes both."""
    content = await request.body()
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            form = json.loads(content)
        except ValueError:
            return {}
        return form if isinstance(form, dict) else {}
    return dict(parse_qsl(content.decode("utf-8", "replace")))
