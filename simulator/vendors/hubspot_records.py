"""Contacts and deals as HubSpot's CRM stores them: text properties with a type and a history; and searching them.

Pages followed: "Contacts", "Deals", "Properties", "Search the CRM" at developers.hubspot.com/docs/api-reference.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from simulator.nouns import Contact, Deal, View

PAGE = 200  # "the maximum number of supported objects per page is 200"
_GROUPS, _FILTERS_A_GROUP, _FILTERS = 5, 6, 18
_EXPECTED_TO_CLOSE = timedelta(days=45)  # what the sales team enters for a deal that is open
_NUMBERS, _TIMES = {"hs_object_id", "amount"}, {"createdate", "lastmodifieddate", "hs_lastmodifieddate", "closedate"}

Noun = Contact | Deal


class Refusal(Exception):
    """A request that HubSpot answers with 400."""


def iso(at: datetime | None) -> str | None:
    return at and at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _stage(noun: Noun) -> str | None:
    return noun.stages[-1][0] if noun.stages else None


@dataclass(frozen=True)
class Kind:
    """An object type. `properties`: how each is read from what the world knows; empty text is null."""

    plural: str
    singular: str
    properties: Mapping[str, Callable[[Any], str | None]]
    always: tuple[str, ...]  # come whatever is asked for
    default: tuple[str, ...]  # come where nothing is asked for
    staged: str  # the property whose changes the world knows
    nouns: Callable[[View], Iterable[Noun]]
    id_of: Callable[[Any], str]


CONTACTS = Kind(
    "contacts",
    "contact",
    {
        "hs_object_id": lambda contact: contact.contact_id,
        "createdate": lambda contact: iso(contact.created_at),
        "lastmodifieddate": lambda contact: iso(contact.updated_at),
        "email": lambda contact: contact.email.strip().lower(),  # HubSpot stores addresses in lower case
        "phone": lambda contact: contact.phone,
        "firstname": lambda contact: contact.first_name,
        "lastname": lambda contact: contact.last_name,
        "lifecyclestage": _stage,
        "hs_merged_object_ids": lambda contact: ";".join(contact.merged_ids),
        "hs_analytics_source": lambda contact: contact.analytics_source,
        "hubspot_owner_id": lambda contact: None,
        "hs_google_click_id": lambda contact: contact.google_click_id,
        "hs_facebook_click_id": lambda contact: contact.facebook_click_id,
    },
    always=("hs_object_id", "createdate", "lastmodifieddate"),
    default=("email", "firstname", "lastname"),
    staged="lifecyclestage",
    nouns=lambda view: view.contacts(),
    id_of=lambda contact: contact.contact_id,
)
DEALS = Kind(
    "deals",
    "deal",
    {
        "hs_object_id": lambda deal: deal.deal_id,
        "createdate": lambda deal: iso(deal.created_at),
        "hs_lastmodifieddate": lambda deal: iso(deal.updated_at),
        "dealname": lambda deal: f"Deal {deal.deal_id}",
        "pipeline": lambda deal: "default",
        "dealstage": _stage,
        "amount": lambda deal: str(deal.amount),
        "deal_currency_code": lambda deal: deal.currency,
        "closedate": lambda deal: iso(deal.closed_at or deal.created_at + _EXPECTED_TO_CLOSE),
        "hs_is_closed": lambda deal: _flag(deal.closed_at is not None),
        "hs_is_closed_won": lambda deal: _flag(deal.is_won),
        "hubspot_owner_id": lambda deal: None,
    },
    always=("hs_object_id", "createdate", "hs_lastmodifieddate"),
    default=("dealname", "amount", "closedate", "pipeline", "dealstage"),
    staged="dealstage",
    nouns=lambda view: view.deals(),
    id_of=lambda deal: deal.deal_id,
)


class Book:
    """A view's records of one kind, in the order of their ids, which are numbers."""

    def __init__(self, kind: Kind, view: View) -> None:
        self.kind = kind
        self.rows = sorted(kind.nouns(view), key=lambda noun: int(kind.id_of(noun)))
        self._by_id = {kind.id_of(noun): noun for noun in self.rows}
        for noun in self.rows if kind is CONTACTS else ():
            for merged in noun.merged_ids:  # the old id leads to the record that it was merged into
                self._by_id.setdefault(merged, noun)

    def find(self, record_id: str) -> Noun | None:
        return self._by_id.get(record_id)

    def after(self, record_id: int) -> int:
        """How many rows have that id or a smaller one."""
        return bisect_right(self.rows, record_id, key=lambda noun: int(self.kind.id_of(noun)))

    def shown(self, noun: Noun, asked: Iterable[str], histories: Iterable[str] = ()) -> dict[str, Any]:
        """The record with the properties asked for; those that do not exist "will be ignored"."""
        known, kind = self.kind.properties, self.kind
        names = dict.fromkeys([*kind.always, *(list(asked) or kind.default)])
        created, changed = (known[name](noun) for name in kind.always[1:])
        result: dict[str, Any] = {
            "id": kind.id_of(noun),
            "properties": {name: known[name](noun) or None for name in names if name in known},
            "createdAt": created,
            "updatedAt": changed,
            "archived": False,
        }
        if histories := [name for name in histories if name in known]:
            result["propertiesWithHistory"] = {name: self._history(noun, name) for name in histories}
        return result

    def _history(self, noun: Noun, name: str) -> list[dict[str, Any]]:
        """Every value with the time it was written, newest first."""
        changes = [(self.kind.properties[name](noun), noun.created_at)]
        if name == self.kind.staged:
            changes = list(noun.stages)
        return [
            {"value": value or "", "timestamp": iso(at), "sourceType": "CRM_UI", "sourceId": "userId:1"}
            for value, at in reversed(changes)
        ]


def search(book: Book, body: Mapping[str, Any], ceiling: int) -> dict[str, Any]:
    """Answers a search as "Search the CRM" tells, up to `ceiling` results a query."""
    groups, sorts = body.get("filterGroups") or [], body.get("sorts") or []
    counts = [len(group.get("filters") or ()) for group in groups]
    if len(groups) > _GROUPS or sum(counts) > _FILTERS or any(count > _FILTERS_A_GROUP for count in counts):
        raise Refusal(f"At most {_GROUPS} filter groups, {_FILTERS_A_GROUP} filters in each, {_FILTERS} in all.")
    if len(sorts) > 1:
        raise Refusal("Only one sort is supported.")  # "only one sorting rule can be applied to any search"
    limit, after = whole(body.get("limit", 10), "limit"), whole(body.get("after") or 0, "after")
    if not 0 < limit <= PAGE:
        raise Refusal(f"The limit must be between 1 and {PAGE}. Received {limit}.")
    if after >= ceiling:
        raise Refusal(f"Paging beyond {ceiling} results of a search is not supported. Received after {after}.")
    found = _filtered(book, groups)
    if sorts:
        found = _sorted(book.kind, found, sorts[0])
    shown = found[after : min(after + limit, ceiling)]
    asked = body.get("properties") or []
    answer: dict[str, Any] = {"total": len(found), "results": [book.shown(noun, asked) for noun in shown]}
    if after + limit < len(found):
        answer["paging"] = {"next": {"after": str(after + limit), "link": f"?after={after + limit}"}}
    return answer


def _filtered(book: Book, groups: list[Mapping[str, Any]]) -> list[Noun]:
    """Groups are alternatives; within one, all filters hold. "No sort: by creation, oldest first": by id, here."""
    if not groups:
        return book.rows
    if len(groups) > 1:
        tests = [[_test(book.kind, one) for one in group.get("filters") or ()] for group in groups]
        return [noun for noun in book.rows if any(all(test(noun) for test in group) for group in tests)]
    rows, rest = book.rows, []
    for one in groups[0].get("filters") or ():
        if (one.get("propertyName"), one.get("operator")) == ("hs_object_id", "GT"):
            rows = rows[book.after(whole(one.get("value"), "value")) :] if rows is book.rows else rows
        else:
            rest.append(_test(book.kind, one))
    return [noun for noun in rows if all(test(noun) for test in rest)] if rest else rows


def _test(kind: Kind, one: Mapping[str, Any]) -> Callable[[Noun], bool]:
    name, operator = one.get("propertyName"), one.get("operator")
    if name not in kind.properties:
        raise Refusal(f"There was a problem with the request: the property {name} does not exist.")
    read = kind.properties[name]
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        return lambda noun: bool(read(noun)) == (operator == "HAS_PROPERTY")
    if operator in ("IN", "NOT_IN"):
        values = {_typed(name, value) for value in one.get("values") or ()}
        return lambda noun: (_typed(name, read(noun)) in values) == (operator == "IN")
    least = _typed(name, one.get("value"))
    most = _typed(name, one.get("highValue"))
    compare = {
        "EQ": lambda value: value == least,
        "NEQ": lambda value: value != least,
        "LT": lambda value: value < least,
        "LTE": lambda value: value <= least,
        "GT": lambda value: value > least,
        "GTE": lambda value: value >= least,
        "BETWEEN": lambda value: least <= value <= most,
    }.get(operator)
    if compare is None or least is None or (operator == "BETWEEN" and most is None):
        raise Refusal(f"There was a problem with the request: {operator} on {name} is not supported or has no value.")

    def holds(noun: Noun) -> bool:
        value = _typed(name, read(noun))
        return compare(value) if value is not None else operator == "NEQ"

    return holds


def _sorted(kind: Kind, found: list[Noun], rule: Mapping[str, Any] | str) -> list[Noun]:
    """By a property, equal ones by id; a text is short for ascending."""
    rule = {"propertyName": rule} if isinstance(rule, str) else rule
    name, direction = rule.get("propertyName"), rule.get("direction", "ASCENDING")
    if name not in kind.properties or direction not in ("ASCENDING", "DESCENDING"):
        raise Refusal(f"There was a problem with the request: can't sort by {name} {direction}.")
    if (name, direction) == ("hs_object_id", "ASCENDING"):
        return found  # as they are kept
    valued = [(noun, _typed(name, kind.properties[name](noun))) for noun in found]
    present = sorted(
        (pair for pair in valued if pair[1] is not None), key=lambda pair: pair[1], reverse=direction == "DESCENDING"
    )
    return [noun for noun, _ in present] + [noun for noun, value in valued if value is None]


def _typed(name: str, value: Any) -> Any:
    """A property's or a filter's value for comparing. Times come as milliseconds since 1970 or as ISO 8601."""
    text = None if value is None else str(value)
    if not text:
        return None
    try:
        if name in _NUMBERS:
            return Decimal(text)
        if name in _TIMES:
            at = None if text.isdigit() else datetime.fromisoformat(text)
            return int(text) if at is None else int(at.timestamp() * 1000)
    except (InvalidOperation, ValueError):
        raise Refusal(f"There was a problem with the request: {text} is not a value of {name}.") from None
    return text


def whole(value: Any, name: str) -> int:
    try:
        return int(str(value))
    except ValueError:
        raise Refusal(f"{name} must be a whole number. Received {value}.") from None
