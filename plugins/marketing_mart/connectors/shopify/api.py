"""Asking Shopify: the token, the cost of a query, its errors, and paging.

https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/client-credentials-grant
https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits
https://shopify.dev/docs/api/usage/limits
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from marketing_mart.connectors.client import (
    Client,
    Reply,
    TokenExchange,
    Verdict,
    client,
    dig,
)
from marketing_mart.connectors.paging import Watch
from marketing_mart.connectors.shopify.queries import (
    MORE_ADJUSTMENTS,
    MORE_LINES,
    MORE_MOMENTS,
    MORE_REFUND_LINES,
    VERSION,
    Listing,
    Rest,
)
from marketing_mart.errors import SourceMalformed, SourceRefused, SourceUnavailable
from marketing_mart.streams import Access

Node = dict[str, Any]


class Cost(NamedTuple):
    """What a query asked for, and what the bucket had left after it."""

    asked: float
    maximum: float
    available: float
    restored_a_second: float


PAGE = 250  # "a maximum of 250"; smaller where a page of 250 would cost too much
DEEPEST = 25_000  # "Shopify limits pagination of arrays of objects to 25,000 objects"
UNCOUNTABLE = 25_001  # "For arrays with more items, 25,001 is returned as the count"
PATIENCE = 300.0  # seconds for one request, waiting for its cost to be restored included


class TooCostly(SourceRefused):
    """The query costs more than any single query may, or than the bucket holds: a smaller page may pass."""


@dataclass
class Shop:
    """One shop's Admin API. Waits for its cost bucket before it asks what the bucket can't pay."""

    http: Client
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    page_size: int = PAGE
    _costs: dict[tuple[str, int], float] = field(default_factory=dict)  # what a text and page size last cost
    _bucket: Cost | None = None
    _seen_at: float = 0.0

    def ask(self, query: str, /, **variables: Any) -> Node:
        """The `data` of the answer."""
        kind = (query, variables.get("first", 0))
        self._wait_for(self._costs.get(kind, 0.0))
        answer = self.http.post(
            f"admin/api/{VERSION}/graphql.json",
            {"query": query, "variables": variables},
        )
        if not isinstance(answer, dict):
            raise SourceMalformed(f"{self.http.label}: the answer is no GraphQL response")
        cost = _cost(answer)
        if cost:
            self._costs[kind] = cost.asked
            self._bucket, self._seen_at = cost, self.clock()
        self._raise_for(answer)
        data = answer.get("data")
        if not isinstance(data, dict):
            raise SourceMalformed(f"{self.http.label}: the answer has neither data nor errors")
        return data

    def pages(self, listing: Listing, since: str) -> Iterator[list[Node]]:
        """All nodes from `since` on ("" for all), ordered by updatedAt, page by page.

        Cursors reach only so deep, so a long read starts anew at the last change seen, leaving out what it has.
        """
        after, depth, newest = None, 0, ""
        tied: set[str] = set()  # the ids of the newest change so far: those that a new start would meet again
        seen: set[str] = set()
        watch = Watch(self.http.label)
        while True:
            try:
                answer = self.ask(listing.pages, first=self.page_size, after=after, query=listing.search(since))
            except TooCostly:
                self._smaller_page()
                continue
            nodes, info = _connection(answer.get("found"), self.http.label)
            watch.page(nodes)
            yield [node for node in nodes if node.get("id") not in seen]
            if not info["hasNextPage"]:
                return
            watch.cursor((since, info["endCursor"]))
            before, newest = newest, nodes[-1]["updatedAt"] if nodes else newest
            tied = {node["id"] for node in nodes if node["updatedAt"] == newest} | (tied if newest == before else set())
            after, depth = info["endCursor"], depth + len(nodes)
            if depth + self.page_size > DEEPEST and newest > since:
                after, depth, since, seen = None, 0, newest, tied

    def complete(self, order: Node) -> None:
        """Reads on in the nested connections of an order that had more than the page showed."""
        self._rest(order["id"], order["lineItems"], MORE_LINES)
        journey = order["customerJourneySummary"]
        if journey and journey["moments"]:
            self._rest(order["id"], journey["moments"], MORE_MOMENTS)
        for refund in order["refunds"]:
            self._rest(refund["id"], refund["refundLineItems"], MORE_REFUND_LINES)
            self._rest(refund["id"], refund["orderAdjustments"], MORE_ADJUSTMENTS)

    def _rest(self, gid: str, connection: Node, rest: Rest) -> None:
        info, watch = connection["pageInfo"], Watch(f"{self.http.label}: {gid}")
        while info["hasNextPage"]:
            watch.cursor(info["endCursor"])
            found = self.ask(rest.query, id=gid, after=info["endCursor"]).get("parent")
            if found is None:
                raise SourceUnavailable(
                    f"{self.http.label}: {gid} was deleted while it was read",
                    next_step="run this source again",
                )
            for name in rest.path:
                found = found[name]
            nodes, info = _connection(found, self.http.label)
            connection["nodes"] += nodes

    def _smaller_page(self) -> None:
        if self.page_size == 1:
            raise SourceRefused(f"{self.http.label}: a page of a single row costs more than a query may")
        self.page_size //= 2

    def _wait_for(self, cost: float) -> None:
        if not self._bucket:
            return
        restored = (self.clock() - self._seen_at) * self._bucket.restored_a_second
        lacking = cost - self._bucket.available - restored
        if lacking > 0 and cost <= self._bucket.maximum:
            self.sleep(min(lacking / self._bucket.restored_a_second, PATIENCE))

    def _raise_for(self, answer: Node) -> None:
        """200 with errors: Shopify reports refusals in the body."""
        errors = answer.get("errors")
        if not errors:
            searches = dig(answer, "extensions", "search")
            warnings = [each for each in searches if dig(each, "warnings")] if isinstance(searches, list) else []
            if warnings:  # the shop would ignore the term and answer something else than was asked
                told = str(warnings[0])[:300]
                raise SourceRefused(f"{self.http.label}: the shop does not understand the search {told}")
            return
        codes = _codes(answer)
        if codes & {
            "MAX_COST_EXCEEDED",
            "THROTTLED",
        }:  # a THROTTLED that gets here can't be waited for
            raise TooCostly(f"{self.http.label}: the query costs more than the shop allows")
        listed = errors if isinstance(errors, list) else []
        told = "; ".join(str(each.get("message")) for each in listed if isinstance(each, dict))[:300]
        told = told or str(errors)[:300]
        if "ACCESS_DENIED" in codes:
            raise SourceRefused(
                f"{self.http.label}: access denied: {told}",
                next_step="grant the app read_orders, read_all_orders, read_customers, read_products, read_inventory",
            )
        raise SourceRefused(f"{self.http.label}: refused: {told}")


def shop(access: Access, stream: str, *, sleep=time.sleep, clock=time.monotonic) -> Shop:
    """A shop to ask. `access`: login is the app's client id, secret its client secret.

    The token lasts for a day ("expires_in": 86399) and is exchanged for a new one at its end.
    """
    form = {
        "client_id": access.login,
        "client_secret": access.secret,
        "grant_type": "client_credentials",
    }
    token = TokenExchange("admin/oauth/access_token", form, header="X-Shopify-Access-Token", scheme="")
    http = client(
        access.base_url,
        label=f"shopify/{stream}",
        auth=token,
        classify=_throttled,
        patience=PATIENCE,
        sleep=sleep,
        clock=clock,
    )
    return Shop(http, sleep, clock)


def _throttled(reply: Reply) -> Verdict:
    """Seconds until the bucket holds what the query costs, where it was throttled: that is a 200 with an error."""
    if reply.status_code != 200:
        return None
    try:
        answer = reply.json()
    except ValueError:  # the client tells of it
        return None
    codes = _codes(answer)
    if "INTERNAL_SERVER_ERROR" in codes or "TIMEOUT" in codes:
        return "retry"
    if "THROTTLED" not in codes:
        return None
    cost = _cost(answer)
    if not cost:
        return "retry"
    if cost.asked > cost.maximum:
        return None
    return max((cost.asked - cost.available) / cost.restored_a_second, 0.1)


def _codes(answer: Any) -> set[str]:
    errors = answer.get("errors") if isinstance(answer, dict) else None
    found = (each.get("extensions") for each in errors if isinstance(each, dict)) if isinstance(errors, list) else ()
    return {str(each.get("code")) for each in found if isinstance(each, dict)}


def _cost(answer: Any) -> Cost | None:
    """What the answer says of its cost; None where it says nothing that can be reckoned with."""
    told = dig(answer, "extensions", "cost")
    bucket = dig(told, "throttleStatus")
    names = ("maximumAvailable", "currentlyAvailable", "restoreRate")
    try:
        cost = Cost(float(dig(told, "requestedQueryCost")), *(float(dig(bucket, name)) for name in names))
    except (TypeError, ValueError, OverflowError):
        return None
    return cost if all(map(math.isfinite, cost)) and cost.restored_a_second > 0 else None


def _connection(found: Any, label: str) -> tuple[list[Node], Node]:
    try:
        nodes, info = found["nodes"], found["pageInfo"]
        if not all(isinstance(node, dict) for node in nodes):
            raise TypeError("a node is no object")
        if info["hasNextPage"] and not info["endCursor"]:
            raise ValueError("there is a next page but no way to it")
    except (KeyError, TypeError, ValueError) as error:
        raise SourceMalformed(f"{label}: a page is not as documented: {type(error).__name__} {error}") from None
    return nodes, info
