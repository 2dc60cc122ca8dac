"""HubSpot CRM: search, lists, batch reads with property history, associations.

Pages followed (developers.hubspot.com/docs/api-reference): "Search the CRM", "Objects", "Associations v4", "Account
information", "Error handling", "Usage guidelines"; shapes as in HubSpot's published OpenAPI of CRM v3. The same
handlers stand under the date-versioned paths. A search knows every operator but the two for tokens.
"""

import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol
from uuid import NAMESPACE_URL, uuid5

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.nouns import View
from simulator.vendors import hubspot_email
from simulator.vendors.hubspot_records import CONTACTS, DEALS, Book, Refusal, iso, search, whole

TOKEN = "demo-private-app-token"
CEILING = 10_000  # "The search endpoints are limited to 10,000 total results for any given query."
_KINDS = {"contacts": CONTACTS, "contact": CONTACTS, "0-1": CONTACTS, "deals": DEALS, "deal": DEALS, "0-3": DEALS}
_BATCH, _BATCH_WITH_HISTORY, _BATCH_OF_ASSOCIATIONS = 100, 50, 1000
_NO_CREDENTIALS = (
    "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details "
    "at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
)

Handler = Callable[[Request], Awaitable[Response]]


class Clock(Protocol):
    def view(self) -> View: ...


def routes(
    clock: Clock,
    *,
    ceiling: int = CEILING,
    searches_per_second: int | None = None,
    now: Callable[[], float] = time.monotonic,
) -> list[Route]:
    """`searches_per_second`: HubSpot allows five an account; None: no limit."""
    kept: dict[str, Any] = {"view": None}  # and the books of the clock's present view
    searches: list[float] = []

    def book(name: str) -> Book:
        view = clock.view()
        if kept["view"] is not view:
            kept.clear()
            kept["view"] = view
        kind = _KINDS.get(name)
        if kind is None:
            raise Refusal(f"Unable to infer object type from: {name}")
        if kind.plural not in kept:
            kept[kind.plural] = Book(kind, view)
        return kept[kind.plural]

    async def find(request: Request) -> Response:
        if searches_per_second is not None:
            searches[:] = [at for at in searches if now() - at < 1.0]
            if len(searches) >= searches_per_second:
                return _throttled(request)
            searches.append(now())
        return JSONResponse(search(book(request.path_params["kind"]), await _body(request), ceiling))

    async def batch(request: Request) -> Response:
        here, body = book(request.path_params["kind"]), await _body(request)
        histories = body.get("propertiesWithHistory") or []
        ids = _ids(body, _BATCH_WITH_HISTORY if histories else _BATCH)
        found = {here.kind.id_of(noun): noun for noun in map(here.find, ids) if noun}
        results = [here.shown(noun, body.get("properties") or [], histories) for noun in found.values()]
        errors = []
        if gone := [record_id for record_id in ids if here.find(record_id) is None]:
            told = f"Could not get some {here.kind.singular.upper()} objects, they may be deleted or not exist."
            errors.append(_missing(f"{told} Check that ids are valid.", {"ids": gone}))
        return _batched(kept["view"], results, errors)

    async def page(request: Request) -> Response:
        here, asked = book(request.path_params["kind"]), request.query_params
        histories = _names(asked.getlist("propertiesWithHistory"))
        limit, most = whole(asked.get("limit", 10), "limit"), _BATCH_WITH_HISTORY if histories else _BATCH
        if not 0 < limit <= most:
            raise Refusal(f"The limit must be between 1 and {most}. Received {limit}.")
        is_archived = asked.get("archived", "").lower() == "true"
        rows = [] if is_archived else here.rows  # nothing is ever archived in this business
        start = here.after(whole(asked.get("after", 0), "after")) if rows else 0
        shown = rows[start : start + limit]
        results = [here.shown(noun, _names(asked.getlist("properties")), histories) for noun in shown]
        if here.kind is DEALS and "contacts" in _names(asked.getlist("associations")):
            for deal, result in zip(shown, results, strict=True):
                linked = [{"id": contact_id, "type": "deal_to_contact"} for contact_id in deal.contact_ids]
                result |= {"associations": {"contacts": {"results": linked}}} if linked else {}
        answer: dict[str, Any] = {"results": results}
        if start + limit < len(rows):
            after = here.kind.id_of(shown[-1])
            answer["paging"] = {"next": {"after": after, "link": f"?after={after}"}}
        return JSONResponse(answer)

    async def associations(request: Request) -> Response:
        here, results, errors = book("deals"), [], []
        for deal_id in _ids(await _body(request), _BATCH_OF_ASSOCIATIONS):
            deal = here.find(deal_id)
            if deal and deal.contact_ids:
                kinds = [{"category": "HUBSPOT_DEFINED", "typeId": 3, "label": None}]  # 3: deal to contact
                to = [{"toObjectId": one, "associationTypes": kinds} for one in deal.contact_ids]
                results.append({"from": {"id": deal_id}, "to": to})
            else:
                context = {"fromObjectId": [deal_id], "fromObjectType": ["deal"], "toObjectType": ["contact"]}
                error = _missing(f"No contact is associated with deal {deal_id}.", context)
                errors.append({**error, "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND"})
        return _batched(kept["view"], results, errors)

    async def account(request: Request) -> Response:
        details = {"portalId": 1000007, "accountType": "STANDARD", "timeZone": "Etc/UTC", "uiDomain": "app.hubspot.com"}
        details |= {"companyCurrency": "USD", "additionalCurrencies": ["EUR"], "dataHostingLocation": "na1"}
        return JSONResponse({**details, "utcOffset": "+00:00", "utcOffsetMilliseconds": 0})

    crm = [
        route
        for objects, links, details in (
            ("/crm/v3/objects", "/crm/v4/associations", "/account-info/v3/details"),
            ("/crm/objects/{date}", "/crm/associations/{date}", "/account-info/{date}/details"),  # date: 2026-03, …
        )
        for route in (
            Route(f"{objects}/{{kind}}/search", _guarded(find), methods=["POST"]),
            Route(f"{objects}/{{kind}}/batch/read", _guarded(batch), methods=["POST"]),
            Route(f"{objects}/{{kind}}", _guarded(page), methods=["GET"]),
            Route(f"{links}/deals/contacts/batch/read", _guarded(associations), methods=["POST"]),
            Route(details, _guarded(account), methods=["GET"]),
        )
    ]
    return crm + hubspot_email.routes(clock.view, _guarded)


def _guarded(handler: Handler) -> Handler:
    async def answer(request: Request) -> Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _error(request, 401, "INVALID_AUTHENTICATION", _NO_CREDENTIALS)
        try:
            return await handler(request)
        except Refusal as refusal:
            return _error(request, 400, "VALIDATION_ERROR", str(refusal))

    return answer


def _error(request: Request, status: int, category: str, message: str) -> Response:
    body = {"status": "error", "message": message, "correlationId": _correlation(request), "category": category}
    return JSONResponse(body, status_code=status)


def _throttled(request: Request) -> Response:
    """Without a Retry-After, as HubSpot's search answers."""
    told = {"message": "You have reached your secondly limit.", "errorType": "RATE_LIMIT", "policyName": "SECONDLY"}
    return JSONResponse({"status": "error", "correlationId": _correlation(request), **told}, status_code=429)


def _correlation(request: Request) -> str:
    return str(uuid5(NAMESPACE_URL, str(request.url)))  # the same request, the same bytes


def _missing(message: str, context: dict[str, list[str]]) -> dict[str, Any]:
    told = {"status": "error", "category": "OBJECT_NOT_FOUND", "message": message}
    return {**told, "context": context, "errors": [], "links": {}}


def _batched(view: View, results: list[Any], errors: list[Any]) -> Response:
    """207 where some of the inputs came to nothing."""
    at = iso(view.moment)
    answer: dict[str, Any] = {"status": "COMPLETE", "results": results, "startedAt": at, "completedAt": at}
    if errors:
        answer |= {"numErrors": len(errors), "errors": errors}
    return JSONResponse(answer, status_code=207 if errors else 200)


async def _body(request: Request) -> Mapping[str, Any]:
    try:
        body = json.loads(await request.body())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refusal("Invalid input JSON: an object is expected.")
    return body


def _ids(body: Mapping[str, Any], most: int) -> list[str]:
    inputs = body.get("inputs") or []
    if len(inputs) > most:
        raise Refusal(
            f"The maximum number of inputs supported in this batch request is {most}. Received {len(inputs)}."
        )
    return [str(one.get("id")) for one in inputs]


def _names(values: list[str]) -> list[str]:
    """A list in a query: repeated, or with commas."""
    return [name for value in values for name in value.split(",") if name]
