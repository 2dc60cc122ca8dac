"""HubSpot CRM: contacts and deals with the history of their stages. Email is read by `hubspot_email`.

Pages followed (developers.hubspot.com/docs/api-reference): "Search the CRM" with its limits, "Objects" (list, and
batch read with propertiesWithHistory), "Associations v4", "Account information", "Error handling", "Usage guidelines".
Speaks CRM v3 and associations v4, which HubSpot serves until 2027. A connection whose extra has `api_version`, e.g.
"2026-03", is read by the date-versioned paths; their bodies are the same.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import pyarrow as pa

from marketing_mart.connectors import hubspot_email
from marketing_mart.connectors.client import Client, bearer, client, dig
from marketing_mart.connectors.hubspot_crm import Crm, Kind, Record, classify
from marketing_mart.errors import ConfigError, SourceMalformed
from marketing_mart.streams import (
    EXTRA_COLUMN,
    FLAG,
    INSTANT,
    MONEY,
    TEXT,
    Access,
    Page,
    SourceOptions,
    Stream,
    Window,
    columns,
)

_HISTORY = pa.list_(pa.struct([("stage", TEXT), ("entered_at", INSTANT)]))

# fmt: off
STREAMS = (
    Stream(
        "hubspot", "contacts", "entity",
        columns(
            contact_id=TEXT, created_at=INSTANT, updated_at=INSTANT, is_archived=FLAG,
            email_hash=TEXT, phone_hash=TEXT, lifecycle_stage=TEXT, lifecycle_history=_HISTORY,
            merged_ids=pa.list_(TEXT), analytics_source=TEXT, owner_id=TEXT,
            google_click_id=TEXT, facebook_click_id=TEXT,
        ),
        key=("contact_id",), changed_at="updated_at", lookback_days=1,
    ),
    Stream(
        "hubspot", "deals", "entity",
        columns(
            deal_id=TEXT, created_at=INSTANT, updated_at=INSTANT, is_archived=FLAG,
            pipeline=TEXT, stage=TEXT, stage_history=_HISTORY, is_closed=FLAG, is_won=FLAG,
            amount=MONEY, currency=TEXT, closed_at=INSTANT, contact_ids=pa.list_(TEXT), owner_id=TEXT,
        ),
        key=("deal_id",), changed_at="updated_at", totals=("amount",), lookback_days=1,
    ),
    *hubspot_email.STREAMS,
)
_KINDS = {
    "contacts": Kind(
        "contacts", changed="lastmodifieddate", history="lifecyclestage",
        properties=(  # no names: what is not asked for can't leak
            "createdate", "lastmodifieddate", "email", "phone", "mobilephone", "lifecyclestage",
            "hs_merged_object_ids", "hs_analytics_source", "hubspot_owner_id",
            "hs_google_click_id", "hs_facebook_click_id",  # "Google ad click id", "Facebook click id"
        ),
    ),
    "deals": Kind(
        "deals", changed="hs_lastmodifieddate", history="dealstage",
        properties=(
            "createdate", "hs_lastmodifieddate", "pipeline", "dealstage", "hs_is_closed", "hs_is_closed_won",
            "amount", "deal_currency_code", "closedate", "hubspot_owner_id",
        ),
    ),
}
# fmt: on


_PARTS = {
    "id", "properties", "propertiesWithHistory", "associations", "createdAt", "updatedAt", "archived", "archivedAt",
    "url", "objectWriteTraceId", "contact_ids",
}  # fmt: skip # what a record has, and what the reader puts there (contact_ids)


class Privacy(Protocol):
    def email(self, text: str | None) -> str | None: ...
    def phone(self, text: str | None) -> str | None: ...


Row = Callable[[Record, Crm, Privacy], Record]


def read(
    stream: Stream,
    window: Window,
    access: Access,
    options: SourceOptions,
    privacy: Privacy,
    *,
    connect: Callable[..., Client] = client,
) -> Iterator[Page]:
    """What changed since the window's first day (None: everything), archived records included; events of its days.

    A page of the CRM holds what one search answered, at most 200 rows. `stated_rows` is, from page to page, what was
    read before it and what HubSpot says there is from there on; records deleted or merged away meanwhile are in
    neither. Of email HubSpot states no number.
    """
    zone = ZoneInfo(options.timezone)
    with connect(access.base_url, label=stream.label, auth=bearer(access.secret), classify=classify) as api:
        if stream.name not in _KINDS:
            yield from hubspot_email.read(api, stream, window, zone, privacy)
            return
        crm = Crm(api, _KINDS[stream.name], stream.label, _version(access))
        since = window.first and datetime.combine(window.first, time(), zone)
        done = 0
        for rows, stated in _rows(crm, since, _contact if stream.name == "contacts" else _deal, privacy):
            try:
                table = pa.Table.from_pylist(rows, schema=stream.schema)
            except pa.ArrowException as error:
                raise SourceMalformed(f"{stream.label}: {error}") from None
            yield Page(table, stated_rows=done + stated)
            done += len(rows)


def _version(access: Access) -> str:
    version = access.extra.get("api_version", "")
    if version and not re.fullmatch(r"\d{4}-\d{2}(-beta)?", version):
        raise ConfigError(
            f"hubspot: api_version is '{version}', not a date version like 2026-03",
            next_step="mend the extra of the connection mart_hubspot, or leave api_version out",
        )
    return version


def _rows(crm: Crm, since: datetime | None, row: Row, privacy: Privacy) -> Iterator[tuple[list[Record], int]]:
    """Rows a page, and how many HubSpot says there are from that page on."""
    for records in crm.archived():
        rows = [row(record, crm, privacy) for record in records]
        rows = [one for one in rows if since is None or one["updated_at"] >= since]
        if rows:
            yield rows, len(rows)
    for records, stated in crm.changed(since):
        yield [row(record, crm, privacy) for record in records], stated


def _contact(record: Record, crm: Crm, privacy: Privacy) -> Record:
    fields = _Fields(record, crm.label)
    return {
        "contact_id": fields.id,
        **fields.life(crm.kind),
        "email_hash": privacy.email(fields.text("email")),
        "phone_hash": privacy.phone(fields.text("phone") or fields.text("mobilephone")),
        "lifecycle_stage": fields.text("lifecyclestage"),
        "lifecycle_history": fields.history("lifecyclestage"),
        "merged_ids": [one for one in (fields.text("hs_merged_object_ids") or "").split(";") if one],
        "analytics_source": fields.text("hs_analytics_source"),
        "owner_id": fields.text("hubspot_owner_id"),
        "google_click_id": fields.text("hs_google_click_id"),
        "facebook_click_id": fields.text("hs_facebook_click_id"),
        EXTRA_COLUMN: fields.extra(),
    }


def _deal(record: Record, crm: Crm, privacy: Privacy) -> Record:
    fields = _Fields(record, crm.label)
    amount, is_closed = fields.amount("amount"), fields.flag("hs_is_closed")
    currency = fields.text("deal_currency_code")
    return {
        "deal_id": fields.id,
        **fields.life(crm.kind),
        "pipeline": fields.text("pipeline"),
        "stage": fields.text("dealstage"),
        "stage_history": fields.history("dealstage"),
        "is_closed": is_closed,
        "is_won": fields.flag("hs_is_closed_won"),
        "amount": amount,
        "currency": crm.company_currency if currency is None and amount is not None else currency,
        # of an open deal, closedate is "the date the deal is expected to close"
        "closed_at": fields.instant("closedate") if is_closed else None,
        "contact_ids": fields.contact_ids(),
        "owner_id": fields.text("hubspot_owner_id"),
        EXTRA_COLUMN: fields.extra(),
    }


@dataclass(frozen=True)
class _Fields:
    """Reads one record; what is null or empty is None, what can't be read is named in the error."""

    record: Record
    label: str

    @property
    def id(self) -> str:
        return str(self.record["id"])

    def extra(self) -> str | None:
        """The names of what is new in a record, without values: they could be a person's."""
        new = self.record.keys() - _PARTS
        return json.dumps(dict.fromkeys(sorted(new))) if new else None

    def text(self, name: str) -> str | None:
        value = dig(self.record, "properties", name)
        return None if value is None or value == "" else str(value)

    def flag(self, name: str) -> bool | None:
        value = self.text(name)
        return None if value is None else value.lower() == "true"

    def amount(self, name: str) -> Decimal | None:
        value = self.text(name)
        try:
            return None if value is None else round(Decimal(value), 6)
        except InvalidOperation:
            raise self._unread(name, value) from None

    def instant(self, name: str) -> datetime | None:
        """A property's time, or the record's own one of that name. ISO 8601 or milliseconds since 1970."""
        value = self.record.get(name) or self.text(name)
        return None if value is None else self._instant(name, value)

    def life(self, kind: Kind) -> Record:
        """Where nothing is null by the specification, but may be: the property stands in for the record's own time."""
        is_archived = bool(self.record.get("archived"))
        archived_at = self.instant("archivedAt") if is_archived else None
        changes = [at for at in (self.instant("updatedAt") or self.instant(kind.changed), archived_at) if at]
        if not changes:
            raise self._unread("updatedAt", None)
        return {
            "created_at": self.instant("createdAt") or self.instant("createdate"),
            "updated_at": max(changes),
            "is_archived": is_archived,
        }

    def history(self, name: str) -> list[Record]:
        """One entry per change, oldest first (HubSpot gives the newest first); clearings and repetitions left out."""
        entries = dig(self.record, "propertiesWithHistory", name) or []
        if not isinstance(entries, list):
            raise self._unread(f"the history of {name}", entries)
        written = [(self._instant(name, dig(entry, "timestamp")), dig(entry, "value")) for entry in reversed(entries)]
        changes: list[Record] = []
        for entered_at, stage in sorted(written, key=lambda entry: entry[0]):
            if stage and not (changes and changes[-1]["stage"] == stage):
                changes.append({"stage": stage, "entered_at": entered_at})
        return changes

    def contact_ids(self) -> list[str]:
        if "contact_ids" in self.record:
            return self.record["contact_ids"]
        listed = dig(self.record, "associations", "contacts", "results") or []
        return list(dict.fromkeys(str(dig(one, "id")) for one in listed))

    def _instant(self, name: str, value: Any) -> datetime:
        text = str(value)
        try:
            if text.lstrip("-").isdigit():
                return datetime.fromtimestamp(int(text) / 1000, UTC)
            at = datetime.fromisoformat(text)
        except (ValueError, OverflowError, OSError):
            raise self._unread(name, value) from None
        return at if at.tzinfo else at.replace(tzinfo=UTC)

    def _unread(self, name: str, value: Any) -> SourceMalformed:
        return SourceMalformed(f"{self.label}: {name} of record {self.id} can't be read: {str(value)[:40]!r}")
