"""HubSpot's CRM endpoints, and what they do with limits, pages and batches. What the rows mean is in `hubspot`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from marketing_mart.connectors.client import Client, Reply, Verdict, dig, retry_after
from marketing_mart.connectors.paging import Watch
from marketing_mart.errors import SourceMalformed, SourceRefused

SEARCH_PAGE = 200  # "the maximum number of supported objects per page is 200"
HISTORY_BATCH = 50  # the most records that one request gives with their history
ASSOCIATION_BATCH = 1000

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """How HubSpot names what a stream is made of."""

    name: str
    changed: str  # the property with the time of the last change
    history: str  # the property whose history is read
    properties: tuple[str, ...]


def classify(reply: Reply) -> Verdict:
    """HubSpot's own kinds of "not now", where no Retry-After says for how long."""
    if reply.status_code == 477:
        # "477 Migration in Progress: … the account is being migrated between data hosting locations"
        asked = retry_after(reply.headers)
        return 3600.0 if asked is None else asked
    if retry_after(reply.headers) is not None:
        return None
    if reply.status_code == 423:
        return 2.0  # "423 Locked: … a delay of at least 2 seconds between your API requests"
    if reply.status_code == 429:
        policy = re.search(r'"policyName"\s*:\s*"(\w+)"', reply.text)
        return {"SECONDLY": 1.0, "TEN_SECONDLY_ROLLING": 10.0, "DAILY": 86_400.0}.get(policy[1] if policy else "")
    return None


@dataclass(frozen=True)
class Crm:
    """The endpoints that one stream is read from."""

    api: Client
    kind: Kind
    label: str
    version: str  # a date version, or "" for v3

    def changed(self, since: datetime | None) -> Iterator[tuple[list[Record], int]]:
        """Pages of records with history, and how many rows the search says it has from that page on.

        "The search endpoints are limited to 10,000 total results for any given query. Attempting to page beyond
        10,000 will result in a 400 error." So each page is a query of its own, for the ids after the last one: that
        reaches no ceiling however many rows share a change time, and no record slips from page to page as it changes.
        """
        last_id = 0
        filters = []
        if since is not None:
            value = str(int(since.timestamp() * 1000))
            filters.append({"propertyName": self.kind.changed, "operator": "GTE", "value": value})
        while True:
            after_last = {"propertyName": "hs_object_id", "operator": "GT", "value": str(last_id)}
            answer = self.api.post(
                f"{self._objects}/search",
                {
                    "filterGroups": [{"filters": [*filters, after_last]}],
                    "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
                    "properties": list(self.kind.properties),
                    "limit": SEARCH_PAGE,
                },
            )
            ids, total = [int(record["id"]) for record in self._results(answer)], answer.get("total")
            if not isinstance(total, int) or [last_id, *ids] != sorted({last_id, *ids}):
                raise SourceMalformed(f"{self.label}: search after id {last_id}: no total, or ids out of order")
            if total != len(ids) and len(ids) < SEARCH_PAGE:
                raise SourceMalformed(
                    f"{self.label}: search after id {last_id}: {len(ids)} rows of {total}, a page early"
                )
            records = self._whole([str(one) for one in ids])
            yield records, total - len(ids) + len(records)
            if total <= len(ids):
                return
            last_id = ids[-1]

    def archived(self) -> Iterator[list[Record]]:
        """Pages of archived records, which no search finds and no filter selects by time."""
        params = {
            "archived": "true",
            "limit": HISTORY_BATCH,
            "properties": ",".join(self.kind.properties),
            "propertiesWithHistory": self.kind.history,
        }
        if self.kind.name == "deals":
            params["associations"] = "contacts"
        watch = Watch(f"{self.label}, archived records")
        while True:
            answer = self.api.get(self._objects, params)
            records = self._results(answer)
            watch.page(records)
            yield records
            after = _after(answer)
            if after is None:
                return
            watch.cursor(after)
            params["after"] = after

    def _whole(self, ids: list[str]) -> list[Record]:
        """The records with their history and, for deals, `contact_ids`; those that are gone are left out."""
        found: dict[str, Record] = {}
        for some in _chunks(ids, HISTORY_BATCH):
            body = {
                "inputs": [{"id": one} for one in some],
                "properties": list(self.kind.properties),
                "propertiesWithHistory": [self.kind.history],
            }
            found |= {str(record["id"]): record for record in self._batch(f"{self._objects}/batch/read", body)}
        contacts = self._contacts_of(ids) if self.kind.name == "deals" else {}
        return [{**found[one], "contact_ids": contacts.get(one, [])} for one in ids if one in found]

    def _contacts_of(self, deal_ids: list[str]) -> dict[str, list[str]]:
        """The contacts of each deal, those with a label that says primary first, otherwise in HubSpot's order."""
        found: dict[str, list[tuple[bool, str]]] = {}
        path = f"/crm/associations/{self.version}" if self.version else "/crm/v4/associations"
        asked, watch = [{"id": deal_id} for deal_id in deal_ids], Watch(f"{self.label}, contacts of deals")
        while asked:
            more = []
            for some in _chunks(asked, ASSOCIATION_BATCH):
                for result in self._batch(f"{path}/deals/contacts/batch/read", {"inputs": some}, id_in="from"):
                    deal_id = str(result["from"]["id"])
                    for to in self._list(result, "to"):
                        contact_id = str(dig(to, "toObjectId"))
                        if not _is_number(contact_id):
                            raise SourceMalformed(f"{self.label}: a contact of deal {deal_id} has no id")
                        labels = [str(dig(kind, "label")).lower() for kind in self._list(to, "associationTypes")]
                        not_primary = not any("primary" in label for label in labels)
                        found.setdefault(deal_id, []).append((not_primary, contact_id))
                    if after := _after(result):
                        watch.cursor((deal_id, after))
                        more.append({"id": deal_id, "after": after})
            asked = more
        return {deal_id: [one for _, one in sorted(ids, key=lambda it: it[0])] for deal_id, ids in found.items()}

    @cached_property
    def company_currency(self) -> str | None:
        """The account's currency: that of a deal that names none, as all do where the account has only one."""
        return dig(self.api.get(f"/account-info/{self.version or 'v3'}/details"), "companyCurrency") or None

    @property
    def _objects(self) -> str:
        return f"/crm/objects/{self.version}/{self.kind.name}" if self.version else f"/crm/v3/objects/{self.kind.name}"

    def _batch(self, path: str, body: Any, *, id_in: str = "") -> list[Record]:
        """What a batch read found. 207: some inputs failed; that they or their associations are gone is no fault."""
        answer = self.api.post(path, body)
        records = self._results(answer, id_in=id_in)
        told_of = {str(dig(record, id_in, "id") if id_in else dig(record, "id")) for record in records}
        for error in self._list(answer, "errors"):
            if dig(error, "category") != "OBJECT_NOT_FOUND":
                told = ", ".join(str(dig(error, key)) for key in ("category", "subCategory", "message"))
                raise SourceRefused(f"{self.label}: POST {path}: part of the batch was refused: {told[:200]}")
            named = dig(error, "context", "fromObjectId" if id_in else "ids")
            told_of |= {str(one) for one in named} if isinstance(named, list) else set()
        if missing := [one["id"] for one in body["inputs"] if one["id"] not in told_of]:
            raise SourceMalformed(
                f"{self.label}: POST {path}: of {len(body['inputs'])} records asked for, {len(missing)} are neither"
                f" there nor told to be gone, e.g. {missing[0]}"
            )
        return records

    def _list(self, holder: Record, name: str) -> list[Any]:
        """What stands under a name that may be missing; SourceMalformed where it is no list."""
        value = holder.get(name) or []
        if not isinstance(value, list):
            raise SourceMalformed(f"{self.label}: `{name}` is no list")
        return value

    def _results(self, answer: Any, *, id_in: str = "") -> list[Record]:
        """The records of an answer, each with an id of digits."""
        results = answer.get("results") if isinstance(answer, dict) else None
        if not isinstance(results, list):
            raise SourceMalformed(f"{self.label}: an answer without the list `results`")
        for record in results:
            if not _is_number(dig(record, id_in, "id") if id_in else dig(record, "id")):
                raise SourceMalformed(f"{self.label}: one of {len(results)} records has no id")
        return results


def _is_number(value: Any) -> bool:
    """Digits as HubSpot writes them: others have no order, and some are no number at all."""
    text = str(value)
    return text.isascii() and text.isdigit() and len(text) < 20


def _after(answer: Record) -> str | None:
    return dig(answer, "paging", "next", "after")


def _chunks(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (items[start : start + size] for start in range(0, len(items), size))
