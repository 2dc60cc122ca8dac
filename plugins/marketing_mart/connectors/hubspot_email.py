"""HubSpot marketing email: every event of every recipient, and the names of the emails.

Pages followed (developers.hubspot.com/docs/api-reference/legacy): "Get email events", "Email analytics API v1" (the
guide tells event types and their fields), "Get campaign IDs with recent activity", "Get campaign data". It is the one
API of HubSpot that tells events by recipient; marketing/v3/emails/statistics has aggregates only. HubSpot calls an
email that is sent an "email campaign"; it is the `emailCampaignId` of events.

Not on those pages: `lastUpdatedTime` in the list of campaigns (public readers of this API order by it, so do we);
how long HubSpot keeps events; how late one may appear, which is why the last week is read again.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pyarrow as pa

from marketing_mart.connectors.client import Client, dig
from marketing_mart.connectors.paging import Watch
from marketing_mart.errors import SourceMalformed
from marketing_mart.streams import DAY, FLAG, INSTANT, TEXT, Page, Stream, Window, columns

EVENTS_PAGE = 1000  # "The maximum allowed value is 1000."
CAMPAIGNS_PAGE = 500
_EVENTS, _CAMPAIGNS = "/email/public/v1/events", "/email/public/v1/campaigns"

# fmt: off
STREAMS = (
    Stream(
        "hubspot", "email_events", "report",
        columns(
            date_day=DAY,  # of occurred_at, in the reporting zone
            event_id=TEXT, occurred_at=INSTANT, event_type=TEXT, email_hash=TEXT, campaign_id=TEXT,
            sent_event_id=TEXT, sent_at=INSTANT, is_filtered=FLAG, is_obsolete=FLAG, subscription_status=TEXT,
            utm_campaign=TEXT,
        ),
        key=("event_id",), day="date_day", lookback_days=7, lead_days=30,
    ),
    Stream(
        "hubspot", "emails", "entity",
        columns(campaign_id=TEXT, updated_at=INSTANT, campaign_name=TEXT, email_type=TEXT),
        key=("campaign_id",), changed_at="updated_at", lookback_days=1,
    ),
)
# fmt: on

Record = Mapping[str, Any]


class Privacy(Protocol):
    def email(self, text: str | None) -> str | None: ...


def read(api: Client, stream: Stream, window: Window, zone: ZoneInfo, privacy: Privacy) -> Iterator[Page]:
    """Events of the window's days, a day at a time; or the emails with activity since its first day (None: all)."""
    if stream.name == "emails":
        pages = _emails(api, stream, window, zone)
    else:
        pages = _events(api, stream, window, zone, privacy)
    for page in pages:
        try:
            yield Page(pa.Table.from_pylist(page, schema=stream.schema))
        except pa.ArrowException as error:
            raise SourceMalformed(f"{stream.label}: {error}") from None


def _events(api: Client, stream: Stream, window: Window, zone: ZoneInfo, privacy: Privacy) -> Iterator[list[Record]]:
    """A query a day, since the token of a page is "meant to be short-lived"."""
    for day in (window.first + timedelta(days=n) for n in range((window.last - window.first).days + 1)):
        # both ends are inclusive: "at or after", "at or before"
        first, last = _midnight(day, zone), _midnight(day + timedelta(days=1), zone) - 1
        params = {"startTimestamp": first, "endTimestamp": last}
        for page in _pages(api, stream, _EVENTS, "events", {**params, "limit": EVENTS_PAGE}):
            events = [_event(stream, day, event, privacy) for event in page]
            if foreign := sum(not first <= event["created"] <= last for event in page):
                raise SourceMalformed(
                    f"{stream.label}: {foreign} of {len(page)} events asked for {day} are of other days"
                )
            yield events


def _event(stream: Stream, day: date, event: Record, privacy: Privacy) -> Record:
    """What a mailbox, a device or a place could be told by is left out: of a link only its campaign stays."""
    event_id, occurred_at = _event_id(stream, event)
    sent_event_id, sent_at = _event_id(stream, event["sentBy"]) if event.get("sentBy") else (None, None)
    for name in ("recipient", "url"):
        if not isinstance(event.get(name) or "", str):
            raise SourceMalformed(f"{stream.label}: the {name} of event {event_id} is no text")
    if event.get("type") == "SENT":
        sent_event_id, sent_at = event_id, occurred_at
    campaign_id = event.get("emailCampaignId")
    return {
        "date_day": day,
        "event_id": event_id,
        "occurred_at": occurred_at,
        "event_type": event.get("type"),
        "email_hash": privacy.email(event.get("recipient")),
        "campaign_id": None if campaign_id is None else str(campaign_id),
        "sent_event_id": sent_event_id,
        "sent_at": sent_at,
        "is_filtered": bool(event.get("filteredEvent")),
        "is_obsolete": bool(event.get("obsoletedBy")),
        "subscription_status": event.get("portalSubscriptionStatus"),
        "utm_campaign": next(iter(parse_qs(urlsplit(event.get("url") or "").query).get("utm_campaign", ())), None),
    }


def _event_id(stream: Stream, event: Record) -> tuple[str, datetime]:
    """ "An event is uniquely identified by its EventId", which has two parts; written as the path that looks it up."""
    created, name = dig(event, "created"), dig(event, "id")
    if not (isinstance(name, str) and name) or type(created) is not int:
        raise SourceMalformed(f"{stream.label}: an event of type {str(dig(event, 'type'))[:40]} has no EventId")
    return f"{created}/{name}", _instant(stream, created)


def _emails(api: Client, stream: Stream, window: Window, zone: ZoneInfo) -> Iterator[list[Record]]:
    """ "The campaign IDs are returned in descending order of most-recent activity", so older ones need not be read."""
    since = window.first and _instant(stream, _midnight(window.first, zone))
    for page in _pages(api, stream, _CAMPAIGNS, "campaigns", {"limit": CAMPAIGNS_PAGE}):
        listed = [(one, _updated_at(stream, one)) for one in page]
        changed = [(one, at) for one, at in listed if since is None or at >= since]
        yield [_email(api, stream, one, at) for one, at in changed]
        if len(changed) < len(listed):
            return


def _updated_at(stream: Stream, listed: Record) -> datetime:
    at = listed.get("lastUpdatedTime")
    if listed.get("id") is None or type(at) is not int:
        raise SourceMalformed(f"{stream.label}: a campaign without id or lastUpdatedTime")
    return _instant(stream, at)


def _email(api: Client, stream: Stream, listed: Record, updated_at: datetime) -> Record:
    told = api.get(f"{_CAMPAIGNS}/{listed['id']}", {"appId": listed["appId"]} if listed.get("appId") else None)
    if not isinstance(told, dict):
        raise SourceMalformed(f"{stream.label}: campaign {listed['id']} is no object")
    return {
        "campaign_id": str(listed["id"]),
        "updated_at": updated_at,
        "campaign_name": told.get("name"),
        "email_type": told.get("type"),
    }


def _pages(api: Client, stream: Stream, path: str, name: str, params: Record) -> Iterator[list[Record]]:
    watch = Watch(stream.label)
    offset: dict[str, str] = {}
    while True:
        answer = api.get(path, {**params, **offset})
        listed = answer.get(name) if isinstance(answer, dict) else None
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            raise SourceMalformed(f"{stream.label}: an answer without the list `{name}`")
        watch.page(listed)
        yield listed
        if not answer.get("hasMore"):
            return
        token = str(answer.get("offset") or "")
        if not token:
            raise SourceMalformed(f"{stream.label}: more is told of, but no offset to read it from")
        watch.cursor(token)
        offset = {"offset": token}


def _midnight(day: date, zone: ZoneInfo) -> int:
    """Milliseconds since 1970 of the day's first instant there."""
    return int(datetime.combine(day, time(), zone).timestamp() * 1000)


def _instant(stream: Stream, milliseconds: int) -> datetime:
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    except OverflowError:
        raise SourceMalformed(f"{stream.label}: {str(milliseconds)[:40]} is no time in milliseconds") from None
