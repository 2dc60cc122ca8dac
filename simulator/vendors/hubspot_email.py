"""HubSpot's email events and the campaigns they belong to.

Pages followed (developers.hubspot.com/docs/api-reference/legacy): "Get email events", "Email analytics API v1",
"Get campaign IDs with recent activity", "Get campaign data". `lastUpdatedTime` is as public readers of that list
know it.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.nouns import Email, EmailEvent, View
from simulator.seasons import EPOCH, midnight
from simulator.vendors.hubspot_records import Refusal, whole

_APP, _PORTAL = 113, 1000007
_KINDS = (  # as HubSpot's own refusal lists them
    "DROPPED", "UNBOUNCE", "STATUSCHANGE", "DELIVERED", "FORWARD", "BOUNCE", "REPLY", "PRINT", "PROCESSED",
    "UNSUBSCRIBED", "SUPPRESSED", "CLICK_ON_IDENTIFIED_LINK", "SENT", "SELECTED", "SPAMREPORT", "OPT_IN_CHANGE",
    "DEFERRED", "ERROR", "OPEN", "MTA_DROPPED", "CLICK",
)  # fmt: skip


def routes(view: Callable[[], View], guarded: Callable[..., Any]) -> list[Route]:
    """`guarded` lets in who has the token, and answers a Refusal."""

    async def events(request: Request) -> Response:
        asked = request.query_params
        limit = _limit(asked.get("limit", 10))
        kind, recipient, campaign = asked.get("eventType"), asked.get("recipient"), asked.get("campaignId")
        if kind and kind not in _KINDS:
            raise Refusal(f"Cannot deserialize value: not one of the values accepted for Enum class: [{_KINDS}]")
        first = _instant(asked.get("startTimestamp"), midnight(EPOCH))
        # "at or before the given timestamp", which has milliseconds
        last = _instant(asked.get("endTimestamp"), view().moment) + timedelta(milliseconds=1)
        shown = [
            event
            for event in reversed(view().email_events(first, last))  # "in reverse-chronological order"
            if (not kind or event.kind == kind)
            and (not recipient or event.recipient == recipient)
            and (not campaign or event.email_id == campaign)
            and not (event.is_filtered and asked.get("excludeFilteredEvents", "").lower() == "true")
        ]
        return _page("events", shown, _start(asked.get("offset")), limit, _event)

    async def campaigns(request: Request) -> Response:
        """ "In descending order of most-recent activity"."""
        asked = request.query_params
        listed = sorted(view().emails(), key=lambda email: (email.updated_at, email.email_id), reverse=True)
        return _page("campaigns", listed, _start(asked.get("offset")), _limit(asked.get("limit", 10)), _listed)

    async def campaign(request: Request) -> Response:
        wanted = request.path_params["campaign"]
        for email in view().emails():
            if email.email_id == wanted:
                return JSONResponse(_told(email, view()))
        return JSONResponse({"status": "error", "message": f"campaign {wanted} not found"}, status_code=404)

    return [
        Route("/email/public/v1/events", guarded(events), methods=["GET"]),
        Route("/email/public/v1/campaigns", guarded(campaigns), methods=["GET"]),
        Route("/email/public/v1/campaigns/{campaign}", guarded(campaign), methods=["GET"]),
    ]


def _page(name: str, rows: list, start: int, limit: int, shown: Callable[[Any], dict]) -> Response:
    end = start + limit
    answer: dict[str, Any] = {name: [shown(row) for row in rows[start:end]], "hasMore": end < len(rows)}
    if answer["hasMore"]:
        answer["offset"] = urlsafe_b64encode(f"{end}".encode()).decode()
    return JSONResponse(answer)


def _event(event: EmailEvent) -> dict[str, Any]:
    """What is not so is left out, as HubSpot does. A change of status belongs to no message."""
    told: dict[str, Any] = {
        "appId": _APP, "appName": "Batch", "created": _milliseconds(event.occurred_at), "id": event.event_id,
        "emailCampaignId": int(event.email_id), "portalId": _PORTAL, "recipient": event.recipient, "type": event.kind,
    }  # fmt: skip
    if event.kind == "STATUSCHANGE":
        return told | {"source": "SOURCE_RECIPIENT", "portalSubscriptionStatus": "UNSUBSCRIBED", "bounced": False}
    if event.kind != "SENT":
        told["sentBy"] = {"id": event.sent_id, "created": _milliseconds(event.sent_at)}
    if event.obsoleted_by:
        told["obsoletedBy"] = {"id": event.obsoleted_by[0], "created": _milliseconds(event.obsoleted_by[1])}
    if event.kind in ("OPEN", "CLICK"):
        told |= {"filteredEvent": event.is_filtered, "deviceType": "COMPUTER", "ipAddress": "192.0.2.7"}
        told |= {"location": {"country": "GERMANY", "city": "berlin"}, "userAgent": "Mozilla/5.0"}
    return told | ({"url": event.url} if event.url else {})


def _listed(email: Email) -> dict[str, Any]:
    return {
        "id": int(email.email_id),
        "lastUpdatedTime": _milliseconds(email.updated_at),
        "appId": _APP,
        "appName": "Batch",
    }


def _told(email: Email, view: View) -> dict[str, Any]:
    kinds = [
        event.kind for event in view.email_events(midnight(EPOCH), view.moment) if event.email_id == email.email_id
    ]
    counters = {name: kinds.count(name.upper()) for name in ("sent", "delivered", "open")}
    return {
        "id": int(email.email_id), "appId": _APP, "appName": "Batch", "contentId": int(email.email_id) + 5 * 10**9,
        "name": email.name, "subject": email.name, "type": email.kind, "subType": "STANDARD",
        "numIncluded": counters["sent"], "numQueued": counters["sent"], "counters": counters,
    }  # fmt: skip


def _limit(value: Any) -> int:
    limit = whole(value, "limit")
    if not 1 <= limit <= 1000:
        raise Refusal(f"limit must be between 1 and 1000. Received {limit}.")
    return limit


def _start(offset: str | None) -> int:
    try:
        return int(urlsafe_b64decode(offset)) if offset else 0
    except ValueError:
        raise Refusal(f"{offset} is no offset of ours") from None


def _instant(value: str | None, otherwise: datetime) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=whole(value, "timestamp")) if value else otherwise


def _milliseconds(at: datetime) -> int:
    return (at - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1)
