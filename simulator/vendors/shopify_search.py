"""The part of Shopify's search syntax that the simulated shop understands: `field:value` terms, all of which must
hold; a value may be quoted, begin with >=, >, <= or <, or be a list with commas.

https://shopify.dev/docs/api/usage/search-syntax
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simulator.vendors.shopify_nodes import Listing, Node, instant

_TERM = re.compile(r"(?P<field>\w+):(?P<comparator>>=|<=|>|<)?(?P<value>'[^']*'|\"[^\"]*\"|\S+)")
_TIMES = {"updated_at": "updated_at", "created_at": "created_at", "processed_at": "processed_at"}
_COMPARE: dict[str, Callable[[str, str], bool]] = {
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    "": lambda a, b: a == b,
}


@dataclass(frozen=True)
class Term:
    field: str
    comparator: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Search:
    terms: tuple[Term, ...]
    unknown: tuple[str, ...]  # fields the shop has no search for: it ignores them, with a warning

    def positions(self, listing: Listing) -> range | list[int]:
        """Of the rows found, in the listing's order."""
        first, rest = 0, []
        for term in self.terms:
            if term.field == "updated_at" and term.comparator == ">=":
                first = max(first, listing.since(term.values[0]))
            else:
                rest.append(term)
        span = range(first, len(listing.rows))
        if not rest:
            return span
        return [at for at in span if all(_holds(term, listing, at) for term in rest)]


def parse(query: str | None, node_type: str) -> Search:
    terms, unknown = [], []
    for match in _TERM.finditer(query or ""):
        values = tuple(value.strip("'\"") for value in match["value"].strip("'\"").split(","))
        term = Term(match["field"], match["comparator"] or "", values)
        if term.field in _KNOWN[node_type]:
            terms.append(term)
        else:
            unknown.append(term.field)
    return Search(tuple(terms), tuple(unknown))


def _holds(term: Term, listing: Listing, at: int) -> bool:
    row = listing.rows[at]
    compare = _COMPARE[term.comparator]
    if term.field in _TIMES:
        return compare(instant(getattr(row, _TIMES[term.field])), term.values[0])
    shown = _shown(term.field, row, listing.node_of)
    return any(compare(shown, value.lower()) for value in term.values)


def _shown(field: str, row: Any, node_of: Callable[[Any], Node]) -> str:
    node = node_of(row)
    if field == "id":
        return node["id"].rpartition("/")[2]
    if field == "customer_id":
        return (node["customer"] or {"id": ""})["id"].rpartition("/")[2]
    name = {"financial_status": "displayFinancialStatus", "status": "status", "test": "test"}[field]
    return str(node[name]).lower()


_KNOWN = {
    "Order": {*_TIMES, "id", "customer_id", "financial_status", "test"},
    "Customer": {"updated_at", "created_at", "id"},
    "Product": {"updated_at", "created_at", "id", "status"},
}
