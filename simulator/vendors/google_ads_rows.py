"""What Google Ads answers to a GAQL query, computed from a View: rows in Google's JSON, chunk by chunk.

A chunk is one day where the query is segmented by date and lists days in order, else the whole result; so a
page never needs more than the days it shows. Field names and types are those of the API's v26 reference
(https://developers.google.com/google-ads/api/fields/v26/overview).
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, cached_property
from typing import Any

from simulator.nouns import Account, AdDay, View
from simulator.vendors.gaql import Condition, Query, QueryError

_ATTRIBUTES = {
    "customer": {"resource_name": str, "id": int, "descriptive_name": str, "currency_code": str, "time_zone": str,
                 "manager": bool, "status": str},
    "customer_client": {"resource_name": str, "client_customer": str, "id": int, "descriptive_name": str,
                        "currency_code": str, "time_zone": str, "manager": bool, "level": int, "status": str},
    "campaign": {"resource_name": str, "id": int, "name": str, "status": str, "advertising_channel_type": str},
    "ad_group": {"resource_name": str, "id": int, "name": str, "status": str},
    "ad_group_ad": {"resource_name": str, "status": str, "ad.resource_name": str, "ad.id": int, "ad.name": str,
                    "ad.final_urls": list},
    "segments": {"date": date, "conversion_action": str, "conversion_action_name": str,
                 "conversion_action_category": str},
    "metrics": {"impressions": int, "clicks": int, "cost_micros": int, "conversions": float,
                "conversions_value": float, "all_conversions": float, "all_conversions_value": float},
}  # fmt: skip
FIELDS = {f"{owner}.{name}": kind for owner, names in _ATTRIBUTES.items() for name, kind in names.items()}
_ATTRIBUTED = {
    "customer": {"customer"},
    "customer_client": {"customer_client", "customer"},
    "campaign": {"campaign", "customer"},
    "ad_group_ad": {"ad_group_ad", "ad_group", "campaign", "customer"},
}
_CONVERSION_METRICS = {name for name in FIELDS if name.startswith("metrics.") and "conversions" in name}
_CHANNEL_TYPES = {"search": "SEARCH", "performance_max": "PERFORMANCE_MAX", "demand_gen": "DEMAND_GEN",
                  "display": "DISPLAY", "video": "VIDEO"}  # fmt: skip
_ACTIONS = {"purchase": (1, "Purchase", "PURCHASE"), "lead": (2, "Lead form", "SUBMIT_LEAD_FORM")}
_KEPT = 64  # days of the world, and questions
_ROWS_KEPT = 200_000  # of one answer

Flat = dict[str, Any]  # GAQL field -> value


def check(query: Query) -> None:
    """Raises QueryError where Google would refuse a field, a combination of fields or an operand."""
    if query.resource not in _ATTRIBUTED:
        raise QueryError("BAD_RESOURCE_TYPE_IN_FROM_CLAUSE", f"Error in query: unknown resource {query.resource}.")
    asked = {*query.select, *(c.field for c in query.where), *(name for name, _ in query.order_by)}
    for name in sorted(asked):
        if name not in FIELDS:
            raise QueryError("UNRECOGNIZED_FIELD", f"Unrecognized field in the query: '{name}'.")
        owner = name.partition(".")[0]
        if owner in ("segments", "metrics"):
            if query.resource == "customer_client":
                raise QueryError("PROHIBITED_FIELD_IN_SELECT_CLAUSE", f"'{name}' can't go with customer_client.")
        elif owner not in _ATTRIBUTED[query.resource]:
            raise QueryError(
                "PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE", f"Cannot select '{name}' from {query.resource}."
            )
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
            _operand(condition)(text)
    if "segments.date" in query.select and not any(c.field == "segments.date" for c in query.where):
        raise QueryError("EXPECTED_FILTERS_ON_DATE_RANGE", "A finite date range filter on segments.date is needed.")


def _operand(condition: Condition) -> Callable[[str], Any]:
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


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


@cache
def _path(name: str) -> tuple[tuple[str, ...], str, type]:
    """Where a field stands in a row's JSON: the objects on the way, its own name, and its type."""
    *way, last = (_camel(part) for part in name.split("."))
    return tuple(way), last, FIELDS[name]


def _nested(flat: Flat, names: list[str]) -> dict[str, Any]:
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


@dataclass(frozen=True)
class _Entity:
    """What a row is about: an account, a campaign or an ad, with its fields as they are now (Google reports
    attributes as of today for every day, so a renamed campaign has its new name in old rows)."""

    key: tuple[str, ...]
    flat: Flat


class Book:
    """The ad days of one View, by account; a few days are kept."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.accounts = {account.account_id: account for account in view.accounts("google_ads")}
        self._days: OrderedDict[date, list[AdDay]] = OrderedDict()
        self._results: dict[tuple[str, Query], Result] = {}

    def ad_days(self, account: Account, day: date) -> list[AdDay]:
        if day not in self._days:
            self._days[day] = self.view.ad_days("google_ads", day, day)
            if len(self._days) > _KEPT:
                self._days.popitem(last=False)
        return [row for row in self._days[day] if row.campaign.account.account_id == account.account_id]

    def result(self, customer_id: str, query: Query) -> "Result":
        """The same object for the same question, so that the pages of one report share its counts."""
        key = (customer_id, query)
        if key not in self._results:
            if len(self._results) > _KEPT:
                self._results.clear()
            self._results[key] = Result(self, self.accounts[customer_id], query)
        return self._results[key]


class Result:
    def __init__(self, book: Book, account: Account, query: Query) -> None:
        check(query)
        self.book, self.account, self.query = book, account, query
        self.has_segments = any(name.startswith("segments.") for name in query.select)
        named = (*query.select, *(c.field for c in query.where), *(name for name, _ in query.order_by))
        self.has_metrics = any(name.startswith("metrics.") for name in named)
        by_day = "segments.date" in query.select and (not query.order_by or query.order_by[0][0] == "segments.date")
        backwards = bool(query.order_by) and query.order_by[0][1]
        days = self._days()
        self.chunks = [[day] for day in (reversed(days) if backwards else days)] if by_day else [days]
        self._kept: OrderedDict[int, list[dict[str, Any]]] = OrderedDict()
        self._fragments: dict[tuple[str, ...], dict[str, Any]] = {}  # what the rows of an entity share

    def rows(self, chunk: int) -> list[dict[str, Any]]:
        if chunk not in self._kept:
            self._kept[chunk] = self._compute(self.chunks[chunk])
            while len(self._kept) > 1 and sum(map(len, self._kept.values())) > _ROWS_KEPT:
                self._kept.popitem(last=False)
        return self._kept[chunk]

    @cached_property
    def total(self) -> int:
        """Rows of the whole result; LIMIT does not count, as at Google."""
        return sum(len(self.rows(chunk)) for chunk in range(len(self.chunks)))

    @property
    def field_mask(self) -> str:
        return ",".join(".".join(_camel(part) for part in name.split(".")) for name in self.query.select)

    def _days(self) -> list[date]:
        first = min((c.starts_on for c in self.book.view.campaigns("google_ads")), default=date.max)
        last = self.book.view.moment.date() + timedelta(days=1)  # zones ahead of UTC
        conditions = [(c, _operand(c)) for c in self.query.where if c.field == "segments.date"]
        days = (first + timedelta(days=n) for n in range(max(0, (last - first).days + 1))) if first < date.max else ()
        return [day for day in days if all(condition.holds(day, read) for condition, read in conditions)]

    @cached_property
    def _entities(self) -> dict[tuple[str, ...], _Entity]:
        return {entity.key: entity for entity in _entities(self.query.resource, self.account, self.book.view)}

    def _compute(self, days: list[date]) -> list[dict[str, Any]]:
        select, segments = self.query.select, [name for name in self.query.select if name.startswith("segments.")]
        metrics = [name for name in select if name.startswith("metrics.")]
        attributes = [name for name in select if name.partition(".")[0] not in ("segments", "metrics")]
        owners = {name.partition(".")[0] for name in attributes} | {self.query.resource}
        named = [*attributes, *(f"{owner}.resource_name" for owner in sorted(owners))]
        if any(name.startswith("ad_group_ad.ad.") for name in attributes):
            named.append("ad_group_ad.ad.resource_name")
        where = [(c, _operand(c)) for c in self.query.where if c.field != "segments.date"]
        kept: list[tuple[Flat, dict[str, Any]]] = []
        for entity, facts in self._facts(days, segments):
            if self.has_segments and metrics and not any(facts[name] for name in metrics):
                continue  # "Zero metrics are always excluded when segmenting a report"
            flat = {**entity.flat, **facts}
            if not all(condition.holds(flat[condition.field], read) for condition, read in where):
                continue
            if entity.key not in self._fragments:
                self._fragments[entity.key] = _nested(entity.flat, named)
            kept.append((flat, {**self._fragments[entity.key], **_nested(facts, [*segments, *metrics])}))
        for name, descending in reversed(self.query.order_by):
            kept.sort(key=lambda pair, name=name: pair[0][name], reverse=descending)
        return [row for _, row in kept]

    def _facts(self, days: list[date], segments: list[str]) -> Iterator[tuple[_Entity, Flat]]:
        """Entity, and its segments and sums of metrics; entities without activity only where nothing segments."""
        dated, by_action = "segments.date" in segments, any("conversion_action" in name for name in segments)
        sums: dict[tuple, list] = {}
        if not segments:
            sums = {(key, None, None): [0, 0, 0, Decimal(0), Decimal(0)] for key in self._entities}
        asks_days = self.has_metrics or bool(segments)
        for day in days if asks_days else ():
            for row in self.book.ad_days(self.account, day):
                key = _key(self.query.resource, row)
                if key is None:
                    continue
                for action, numbers in _numbers(row, by_action):
                    total = sums.setdefault((key, day if dated else None, action), [0, 0, 0, Decimal(0), Decimal(0)])
                    for position, number in enumerate(numbers):
                        total[position] += number
        for (key, day, action), (impressions, clicks, micros, conversions, value) in sums.items():
            facts: Flat = {"segments.date": day, "metrics.impressions": impressions, "metrics.clicks": clicks,
                           "metrics.cost_micros": micros, "metrics.conversions": conversions,
                           "metrics.conversions_value": value, "metrics.all_conversions": conversions,
                           "metrics.all_conversions_value": value}  # fmt: skip
            if action is not None:
                number, name, category = _ACTIONS[action]
                facts["segments.conversion_action"] = f"customers/{self.account.account_id}/conversionActions/{number}"
                facts["segments.conversion_action_name"] = name
                facts["segments.conversion_action_category"] = category
            yield self._entities[key], facts


def _numbers(row: AdDay, by_action: bool) -> Iterator[tuple[str | None, tuple]]:
    if by_action:
        for claim in row.claims:
            yield claim.action, (0, 0, 0, claim.conversions, claim.value)
        return
    conversions = sum((claim.conversions for claim in row.claims), Decimal(0))
    value = sum((claim.value for claim in row.claims), Decimal(0))
    yield None, (row.impressions, row.clicks, int(row.cost * 1_000_000), conversions, value)


def _key(resource: str, row: AdDay) -> tuple[str, ...] | None:
    if resource == "customer":
        return ("customer",)
    if resource == "campaign":
        return (row.campaign.campaign_id,)
    if row.ad is None or row.ad_group is None:
        return None  # Performance Max has no ads: its cost is in the campaign's rows only
    return (row.campaign.campaign_id, row.ad_group.ad_group_id, row.ad.ad_id)


def _entities(resource: str, account: Account, view: View) -> Iterator[_Entity]:
    root = f"customers/{account.account_id}"
    base: Flat = {"resource_name": root, "id": int(account.account_id), "descriptive_name": account.name,
                  "currency_code": account.currency, "time_zone": account.timezone, "manager": False,
                  "status": "ENABLED"}  # fmt: skip
    customer = {f"customer.{name}": value for name, value in base.items()}
    if resource == "customer":
        yield _Entity(("customer",), customer)
    if resource == "customer_client":  # an account that is no manager lists itself, at level 0
        client = {**base, "resource_name": f"{root}/customerClients/{account.account_id}", "client_customer": root,
                  "level": 0}  # fmt: skip
        yield _Entity(("client",), customer | {f"customer_client.{name}": value for name, value in client.items()})
    if resource not in ("campaign", "ad_group_ad"):
        return
    for campaign in view.campaigns("google_ads"):
        if campaign.account.account_id != account.account_id:
            continue
        flat = customer | {
            "campaign.resource_name": f"{root}/campaigns/{campaign.campaign_id}", "campaign.name": campaign.name,
            "campaign.id": int(campaign.campaign_id), "campaign.status": campaign.status.upper(),
            "campaign.advertising_channel_type": _CHANNEL_TYPES[campaign.kind],
        }  # fmt: skip
        if resource == "campaign":
            yield _Entity((campaign.campaign_id,), flat)
            continue
        for group in campaign.ad_groups:
            for ad in group.ads:
                yield _Entity((campaign.campaign_id, group.ad_group_id, ad.ad_id), flat | {
                    "ad_group.resource_name": f"{root}/adGroups/{group.ad_group_id}",
                    "ad_group.id": int(group.ad_group_id), "ad_group.name": group.name, "ad_group.status": "ENABLED",
                    "ad_group_ad.resource_name": f"{root}/adGroupAds/{group.ad_group_id}~{ad.ad_id}",
                    "ad_group_ad.status": "ENABLED", "ad_group_ad.ad.resource_name": f"{root}/ads/{ad.ad_id}",
                    "ad_group_ad.ad.id": int(ad.ad_id), "ad_group_ad.ad.name": ad.name,
                    "ad_group_ad.ad.final_urls": [ad.final_url] if ad.final_url else [],
                })  # fmt: skip
