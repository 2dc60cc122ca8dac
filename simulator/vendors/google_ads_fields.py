"""What a GAQL query may name: fields with their types, resources with what goes beside them, and how each is written
in Google's JSON. Names and types are those of the API's v26 reference
(https://developers.google.com/google-ads/api/fields/v26/overview).
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from simulator.vendors.gaql import Condition, Query, QueryError

_LINKS = {"final_url_suffix": str, "tracking_url_template": str}
_ATTRIBUTES = {
    "customer": {"resource_name": str, "id": int, "descriptive_name": str, "currency_code": str, "time_zone": str,
                 "manager": bool, "status": str, **_LINKS},
    "customer_client": {"resource_name": str, "client_customer": str, "id": int, "descriptive_name": str,
                        "currency_code": str, "time_zone": str, "manager": bool, "level": int, "status": str},
    "campaign": {"resource_name": str, "id": int, "name": str, "status": str, "advertising_channel_type": str,
                 **_LINKS},
    "ad_group": {"resource_name": str, "id": int, "name": str, "status": str, **_LINKS},
    "ad_group_ad": {"resource_name": str, "status": str, "ad.resource_name": str, "ad.id": int, "ad.name": str,
                    "ad.final_urls": list, "ad.final_url_suffix": str, "ad.tracking_url_template": str},
    "ad_group_criterion": {"resource_name": str, "criterion_id": int, "status": str, "negative": bool,
                           "keyword.text": str, "keyword.match_type": str},
    "keyword_view": {"resource_name": str},
    "search_term_view": {"resource_name": str, "search_term": str, "ad_group": str, "status": str},
    "campaign_search_term_view": {"resource_name": str, "search_term": str, "campaign": str},
    "user_location_view": {"resource_name": str, "country_criterion_id": int, "targeting_location": bool},
    "geo_target_constant": {"resource_name": str, "id": int, "name": str, "canonical_name": str, "country_code": str,
                            "target_type": str, "status": str},
    "segments": {"date": date, "conversion_action": str, "conversion_action_name": str,
                 "conversion_action_category": str, "search_term_match_type": str},
    "metrics": {"impressions": int, "clicks": int, "cost_micros": int, "conversions": float,
                "conversions_value": float, "all_conversions": float, "all_conversions_value": float},
}  # fmt: skip
FIELDS = {f"{owner}.{name}": kind for owner, names in _ATTRIBUTES.items() for name, kind in names.items()}
# resource -> what may be selected beside it without segmenting
_BESIDE = {
    "customer": set(),
    "customer_client": {"customer"},
    "campaign": {"customer"},
    "ad_group_ad": {"ad_group", "campaign", "customer"},
    "keyword_view": {"ad_group_criterion", "ad_group", "campaign", "customer"},
    "search_term_view": {"ad_group", "campaign", "customer"},
    "campaign_search_term_view": {"campaign", "customer"},
    "user_location_view": {"campaign", "customer"},
    "geo_target_constant": set(),
}
_WITHOUT_METRICS = {"customer_client", "geo_target_constant"}
_OF_SEARCH_TERMS = {"search_term_view", "campaign_search_term_view"}
_CONVERSION_METRICS = {name for name in FIELDS if name.startswith("metrics.") and "conversions" in name}


def check(query: Query) -> None:
    """Raises QueryError where Google would refuse a field, a combination of fields or an operand."""
    if query.resource not in _BESIDE:
        raise QueryError("BAD_RESOURCE_TYPE_IN_FROM_CLAUSE", f"Error in query: unknown resource {query.resource}.")
    asked = {*query.select, *(c.field for c in query.where), *(name for name, _ in query.order_by)}
    for name in sorted(asked):
        _check_field(name, query.resource)
    metrics = {name for name in asked if name.startswith("metrics.")}
    if any(name.startswith("segments.conversion_action") for name in asked) and metrics - _CONVERSION_METRICS:
        raise QueryError(
            "PROHIBITED_SEGMENT_WITH_METRIC_IN_SELECT_OR_WHERE_CLAUSE",
            f"Cannot select or filter on the following metrics {sorted(metrics - _CONVERSION_METRICS)} since they are "
            "incompatible with the segments.conversion_action segments.",
        )
    for name in {c.field for c in query.where} | {name for name, _ in query.order_by}:
        if name.startswith("segments.") and name != "segments.date" and name not in query.select:
            raise QueryError("EXPECTED_REFERENCED_FIELD_IN_SELECT_CLAUSE", f"'{name}' must be in the SELECT clause.")
    for condition in query.where:
        for text in condition.values:
            operand(condition)(text)
    if "segments.date" in query.select and not any(c.field == "segments.date" for c in query.where):
        raise QueryError("EXPECTED_FILTERS_ON_DATE_RANGE", "A finite date range filter on segments.date is needed.")


def _check_field(name: str, resource: str) -> None:
    if name not in FIELDS:
        raise QueryError("UNRECOGNIZED_FIELD", f"Unrecognized field in the query: '{name}'.")
    owner = name.partition(".")[0]
    if owner in ("segments", "metrics"):
        is_foreign = name == "segments.search_term_match_type" and resource not in _OF_SEARCH_TERMS
        if resource in _WITHOUT_METRICS or is_foreign:
            raise QueryError("PROHIBITED_FIELD_IN_SELECT_CLAUSE", f"'{name}' can't go with {resource}.")
    elif owner != resource and owner not in _BESIDE[resource]:
        raise QueryError("PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE", f"Cannot select '{name}' from {resource}.")


def operand(condition: Condition) -> Callable[[str], Any]:
    """How a written operand of the condition becomes a value of its field's type."""
    kind = FIELDS[condition.field]

    def read(text: str) -> Any:
        if kind is date:
            try:
                return date.fromisoformat(text)
            except ValueError:
                raise QueryError("INVALID_DATE_FORMAT", f"Invalid date '{text}' for segments.date.") from None
        if kind is list:
            raise QueryError("PROHIBITED_FIELD_IN_WHERE_CLAUSE", f"Cannot filter on '{condition.field}'.")
        if kind is bool:
            return text.upper() == "TRUE"
        if kind in (int, float):
            try:
                return Decimal(text)
            except ArithmeticError:
                raise QueryError("BAD_NUMBER", f"Invalid number '{text}' for '{condition.field}'.") from None
        return text

    return read


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


@cache
def _path(name: str) -> tuple[tuple[str, ...], str, type]:
    """Where a field stands in a row's JSON: the objects on the way, its own name, and its type."""
    *way, last = (camel(part) for part in name.split("."))
    return tuple(way), last, FIELDS[name]


def nested(flat: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Google's JSON of these fields: int64 as strings, doubles as numbers, an empty string left out."""
    row: dict[str, Any] = {}
    for name in names:
        value = flat[name]
        if value == "" or value == []:
            continue
        way, last, kind = _path(name)
        at = row
        for part in way:
            at = at.setdefault(part, {})
        at[last] = str(value) if kind in (int, date) else float(value) if kind is float else value
    return row
