"""What Google Ads answers to a GAQL query, computed from a View: rows in Google's JSON, chunk by chunk.

A chunk is one day where the query is segmented by date and lists days in order, else the whole result; so a
page never needs more than the days it shows.
"""

from collections import OrderedDict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from simulator.nouns import Account, SearchDay, View
from simulator.vendors.gaql import Query
from simulator.vendors.google_ads_entities import ROWS_OF, Entity, Flat, Row, entities, entity_of, key_of
from simulator.vendors.google_ads_fields import camel, check, nested, operand

_ACTIONS = {"purchase": (1, "Purchase", "PURCHASE"), "lead": (2, "Lead form", "SUBMIT_LEAD_FORM")}
_METRICS = ("impressions", "clicks", "cost_micros", "conversions", "conversions_value")
_KEPT = 64  # days of the world, and questions
_ROWS_KEPT = 200_000  # of one answer


class Book:
    """The days of one View, by account; a few are kept."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.accounts = {account.account_id: account for account in view.accounts("google_ads")}
        self._days: OrderedDict[tuple[str, date], list[Row]] = OrderedDict()
        self._results: dict[tuple[str, Query], Result] = {}

    def days(self, kind: str, account: Account, day: date) -> list[Row]:
        """`kind` is the View's: ad_days, search_days or country_days."""
        if (kind, day) not in self._days:
            self._days[kind, day] = getattr(self.view, kind)("google_ads", day, day)
            if len(self._days) > _KEPT:
                self._days.popitem(last=False)
        return [row for row in self._days[kind, day] if row.campaign.account.account_id == account.account_id]

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
        return ",".join(".".join(camel(part) for part in name.split(".")) for name in self.query.select)

    def _days(self) -> list[date]:
        first = min((c.starts_on for c in self.book.view.campaigns("google_ads")), default=date.max)
        last = self.book.view.moment.date() + timedelta(days=1)  # zones ahead of UTC
        conditions = [(c, operand(c)) for c in self.query.where if c.field == "segments.date"]
        days = (first + timedelta(days=n) for n in range(max(0, (last - first).days + 1))) if first < date.max else ()
        return [day for day in days if all(condition.holds(day, read) for condition, read in conditions)]

    @cached_property
    def _entities(self) -> dict[tuple[str, ...], Entity]:
        return {entity.key: entity for entity in entities(self.query.resource, self.account, self.book.view)}

    def _compute(self, days: list[date]) -> list[dict[str, Any]]:
        select, segments = self.query.select, [name for name in self.query.select if name.startswith("segments.")]
        metrics = [name for name in select if name.startswith("metrics.")]
        attributes = [name for name in select if name.partition(".")[0] not in ("segments", "metrics")]
        owners = {name.partition(".")[0] for name in attributes} | {self.query.resource}
        named = [*attributes, *(f"{owner}.resource_name" for owner in sorted(owners))]
        if any(name.startswith("ad_group_ad.ad.") for name in attributes):
            named.append("ad_group_ad.ad.resource_name")
        where = [(c, operand(c)) for c in self.query.where if c.field != "segments.date"]
        kept: list[tuple[Flat, dict[str, Any]]] = []
        for entity, facts in self._facts(days, segments):
            if self.has_segments and metrics and not any(facts[name] for name in metrics):
                continue  # "Zero metrics are always excluded when segmenting a report"
            flat = {**entity.flat, **facts}
            if not all(condition.holds(flat[condition.field], read) for condition, read in where):
                continue
            if entity.key not in self._fragments:
                self._fragments[entity.key] = nested(entity.flat, named)
            kept.append((flat, {**self._fragments[entity.key], **nested(facts, [*segments, *metrics])}))
        for name, descending in reversed(self.query.order_by):
            kept.sort(key=lambda pair, name=name: pair[0][name], reverse=descending)
        return [row for _, row in kept]

    def _facts(self, days: list[date], segments: list[str]) -> Iterator[tuple[Entity, Flat]]:
        """Entity, and its segments and sums of metrics; entities without activity only where nothing segments."""
        resource, asks_days = self.query.resource, self.has_metrics or bool(segments)
        by_action = any("conversion_action" in name for name in segments)
        sums: dict[tuple, list] = {}
        if not segments:
            sums = {(key, None, None, None): [0, 0, 0, Decimal(0), Decimal(0)] for key in self._entities}
        for day in days if asks_days else ():
            for row in self.book.days(ROWS_OF.get(resource, "ad_days"), self.account, day):
                key = key_of(resource, row)
                if key is None:
                    continue
                if key not in self._entities:
                    self._entities[key] = entity_of(resource, key, self.account, row)
                match_type = row.match_type if isinstance(row, SearchDay) else None
                for action, numbers in _numbers(row, by_action):
                    place = (
                        key,
                        day if "segments.date" in segments else None,
                        match_type if "segments.search_term_match_type" in segments else None,
                        action,
                    )
                    total = sums.setdefault(place, [0, 0, 0, Decimal(0), Decimal(0)])
                    for position, number in enumerate(numbers):
                        total[position] += number
        for (key, day, match_type, action), numbers in sums.items():
            facts: Flat = {f"metrics.{name}": number for name, number in zip(_METRICS, numbers, strict=True)}
            facts |= {"metrics.all_conversions": numbers[3], "metrics.all_conversions_value": numbers[4],
                      "segments.date": day, "segments.search_term_match_type": match_type}  # fmt: skip
            if action is not None:
                number, name, category = _ACTIONS[action]
                facts["segments.conversion_action"] = f"customers/{self.account.account_id}/conversionActions/{number}"
                facts["segments.conversion_action_name"] = name
                facts["segments.conversion_action_category"] = category
            yield self._entities[key], facts


def _numbers(row: Row, by_action: bool) -> Iterator[tuple[str | None, tuple]]:
    if by_action:
        for claim in row.claims:
            yield claim.action, (0, 0, 0, claim.conversions, claim.value)
        return
    conversions = sum((claim.conversions for claim in row.claims), Decimal(0))
    value = sum((claim.value for claim in row.claims), Decimal(0))
    yield None, (row.impressions, row.clicks, int(row.cost * 1_000_000), conversions, value)
