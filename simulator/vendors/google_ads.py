"""Google Ads over REST: a token endpoint, listAccessibleCustomers, search and searchStream.

Pages followed: https://developers.google.com/google-ads/api/rest/common/search (and /rest/auth, /rest/design/errors),
https://developers.google.com/google-ads/api/docs/reporting/paging.
Rows, what they are about, the fields of a query and its language are in `google_ads_rows`, `google_ads_entities`,
`google_ads_fields` and `gaql`.
"""

import base64
import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Protocol
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from simulator.nouns import View
from simulator.vendors.gaql import Query, QueryError, parse
from simulator.vendors.google_ads_rows import Book, Result

CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN = "demo-client", "demo-client-secret", "demo-refresh-token"
DEVELOPER_TOKEN, ACCESS_TOKEN = "demo-developer-token", "demo-google-access-token"
PAGE_ROWS = 10_000  # "Search returns fixed pages of up to 10,000 rows"
_VERSIONS = ("v23", "v24", "v25", "v26")
_STATUS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED"}
_SUMMARY = {
    400: "Request contains an invalid argument.",
    401: "Request is missing required authentication credential or holds an invalid one.",
    403: "The caller does not have permission",
}


class Clock(Protocol):
    def view(self) -> View: ...


class Refusal(Exception):
    """A request that Google answers with a GoogleAdsFailure: HTTP status, kind and name of the error, message."""

    def __init__(self, status: int, kind: str, name: str, message: str) -> None:
        super().__init__(message)
        self.status, self.kind, self.name = status, kind, name


def routes(clock: Clock) -> list[Route]:
    books: list[Book] = []  # the one of the clock's present view

    def book() -> Book:
        view = clock.view()
        if not books or books[0].view is not view:
            books[:] = [Book(view)]
        return books[0]

    async def customers(request: Request) -> Response:
        return JSONResponse({"resourceNames": [f"customers/{account_id}" for account_id in book().accounts]})

    async def search(request: Request) -> Response:
        body = await _body(request)
        result, text = _result(book(), request, body)
        return JSONResponse(_page(result, text, body), headers={"request-id": _request_id(text)})

    async def search_stream(request: Request) -> Response:
        result, text = _result(book(), request, await _body(request))
        return StreamingResponse(_batches(result, _request_id(text)), media_type="application/json")

    return [
        Route("/token", _token, methods=["POST"]),
        Route("/{version}/customers:listAccessibleCustomers", _guarded(customers), methods=["GET"]),
        Route("/{version}/customers/{customer_id}/googleAds:search", _guarded(search), methods=["POST"]),
        Route("/{version}/customers/{customer_id}/googleAds:searchStream", _guarded(search_stream), methods=["POST"]),
    ]


async def _token(request: Request) -> Response:
    """RFC 6749, section 6: a refresh token becomes an access token that lives an hour."""
    form = dict(parse_qsl((await request.body()).decode()))
    if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
        answer = {"error": "invalid_client", "error_description": "The OAuth client was not found."}
        return JSONResponse(answer, status_code=401)
    if form.get("grant_type") != "refresh_token":
        answer = {"error": "unsupported_grant_type", "error_description": "Invalid grant_type"}
        return JSONResponse(answer, status_code=400)
    if form.get("refresh_token") != REFRESH_TOKEN:
        answer = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
        return JSONResponse(answer, status_code=400)
    scope = "https://www.googleapis.com/auth/adwords"
    return JSONResponse({"access_token": ACCESS_TOKEN, "expires_in": 3599, "scope": scope, "token_type": "Bearer"})


def _guarded(endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    async def guarded(request: Request) -> Response:
        version = request.path_params["version"]
        if version not in _VERSIONS:
            return Response("<!DOCTYPE html><title>Error 404 (Not Found)!!1</title>", 404, media_type="text/html")
        try:
            _let_in(request)
            return await endpoint(request)
        except Refusal as refusal:
            answer = _failure(refusal, version)
            # searchStream answers with an array, and so are its errors
            streams = request.url.path.endswith("searchStream")
            return JSONResponse([answer] if streams else answer, status_code=refusal.status)

    return guarded


def _let_in(request: Request) -> None:
    if request.headers.get("authorization") != f"Bearer {ACCESS_TOKEN}":
        raise Refusal(401, "authenticationError", "OAUTH_TOKEN_INVALID", "OAuth token is invalid.")
    developer_token = request.headers.get("developer-token")
    if developer_token is None:
        message = "Developer token is missing from the request."
        raise Refusal(400, "requestError", "DEVELOPER_TOKEN_PARAMETER_MISSING", message)
    if developer_token != DEVELOPER_TOKEN:
        raise Refusal(401, "authenticationError", "DEVELOPER_TOKEN_INVALID", "The developer token is not valid.")
    login = request.headers.get("login-customer-id", "0")
    if not login.isdigit():
        raise Refusal(400, "headerError", "INVALID_LOGIN_CUSTOMER_ID", "The login-customer-id header isn't a number.")


def _failure(refusal: Refusal, version: str) -> dict[str, Any]:
    error = {"errorCode": {refusal.kind: refusal.name}, "message": str(refusal)}
    kind = f"type.googleapis.com/google.ads.googleads.{version}.errors.GoogleAdsFailure"
    details = {"@type": kind, "errors": [error], "requestId": _request_id(str(refusal))}
    summary = {"code": refusal.status, "message": _SUMMARY[refusal.status], "status": _STATUS[refusal.status]}
    return {"error": {**summary, "details": [details]}}


def _request_id(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).decode().rstrip("=")


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refusal(400, "requestError", "UNKNOWN", "Invalid JSON payload received.")
    return body


def _result(book: Book, request: Request, body: dict[str, Any]) -> tuple[Result, str]:
    customer_id = request.path_params["customer_id"]
    if not re.fullmatch(r"\d{10}", customer_id):
        raise Refusal(400, "requestError", "INVALID_CUSTOMER_ID", f"Invalid customer ID '{customer_id}'.")
    if customer_id not in book.accounts:
        message = (
            "User doesn't have permission to access customer. Note: If you're accessing a client customer, the "
            "manager's customer id must be set in the 'login-customer-id' header."
        )
        raise Refusal(403, "authorizationError", "USER_PERMISSION_DENIED", message)
    text = str(body.get("query", ""))
    try:
        query: Query = parse(text)
        return book.result(customer_id, query), f"{customer_id} {book.view.moment.isoformat()} {text}"
    except QueryError as error:
        raise Refusal(400, "queryError", error.code, str(error)) from None


def _page(result: Result, text: str, body: dict[str, Any]) -> dict[str, Any]:
    """Up to 10,000 rows from where the token says, and a token where more follow."""
    if "pageSize" in body:
        message = f"Setting the page size is not supported. Search Responses will have fixed page size of '{PAGE_ROWS}'"
        raise Refusal(400, "requestError", "PAGE_SIZE_NOT_SUPPORTED", message)
    chunk, offset, given = _place(str(body.get("pageToken", "")), text)
    rows: list[dict[str, Any]] = []
    room = min(PAGE_ROWS, (result.query.limit or 10**12) - given)
    while chunk < len(result.chunks) and len(rows) < room:
        found = result.rows(chunk)[offset : offset + room - len(rows)]
        rows += found
        offset += len(found)
        if offset >= len(result.rows(chunk)):
            chunk, offset = chunk + 1, 0
    while chunk < len(result.chunks) and not result.rows(chunk):
        chunk += 1  # no token for a page that would be empty
    given += len(rows)
    page: dict[str, Any] = {"results": rows} if rows else {}
    page["fieldMask"] = result.field_mask
    settings = body.get("searchSettings") or {}
    if settings.get("returnTotalResultsCount"):
        page["totalResultsCount"] = str(result.total)
    if chunk < len(result.chunks) and given < (result.query.limit or 10**12):
        place = f"{chunk}:{offset}:{given}:{_request_id(text)}"
        page["nextPageToken"] = base64.urlsafe_b64encode(place.encode()).decode()
    page["queryResourceConsumption"] = str(1 + len(rows))
    return page


def _place(token: str, text: str) -> tuple[int, int, int]:
    if not token:
        return 0, 0, 0
    try:
        chunk, offset, given, asked = base64.urlsafe_b64decode(token).decode().split(":")
        place = int(chunk), int(offset), int(given)
    except ValueError:
        raise Refusal(400, "requestError", "INVALID_PAGE_TOKEN", "Page token is invalid.") from None
    if asked != _request_id(text):  # another query, account or moment
        raise Refusal(400, "requestError", "EXPIRED_PAGE_TOKEN", "Page token has expired.")
    return place


def _batches(result: Result, request_id: str) -> Iterator[str]:
    """searchStream: one JSON array, whose elements are batches that each are a SearchGoogleAdsStreamResponse."""
    left, separator = result.query.limit or 10**12, "["
    for chunk in range(len(result.chunks)):
        rows = result.rows(chunk)[:left]
        left -= len(rows)
        for start in range(0, len(rows), PAGE_ROWS):
            batch = {"results": rows[start : start + PAGE_ROWS], "fieldMask": result.field_mask}
            yield separator + json.dumps(batch | {"requestId": request_id})
            separator = ",\n"
    yield "[]" if separator == "[" else "]"
