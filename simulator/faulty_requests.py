"""Where requests meet the faults that were asked for: middleware in front of all vendors."""

import asyncio
from collections.abc import Callable

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulator.clock import Clock, moment_of
from simulator.faults import OF_PAGES, Fault, Faults
from simulator.faulty_pages import Book

_TOKENS = ("/token", "/access_token")  # where a token is given out, which never says that one has run out


class FaultyRequests:
    """ASGI middleware; the first part of a path is the source."""

    def __init__(self, app: ASGIApp, faults: Faults, clock: Clock) -> None:
        self._app, self._faults, self._clock = app, faults, clock
        self._books: dict[tuple[str, int], Book] = {}  # of a source, since the faults were last cleared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        source = path.split("/")[1]
        if delay := self._faults.take(source, path, "delay"):
            await asyncio.sleep(delay.seconds)
        if fault := self._faults.take(source, path, "status"):
            await _refusal(fault)(scope, receive, send)
        elif not path.endswith(_TOKENS) and self._faults.take(source, path, "expired"):
            await _EXPIRED[source]()(scope, receive, send)
        else:
            if moved := self._faults.take(source, path, "moved"):
                self._clock.move(moment_of(moved.as_of))
            await self._answer(source, scope, receive, send)

    async def _answer(self, source: str, scope: Scope, receive: Receive, send: Send) -> None:
        book = None
        if self._faults.are_of_pages(source):
            book = self._books.setdefault((source, self._faults.cleared), Book(source))
        spoilt = self._faults.take(source, scope["path"], "reset", "cut")
        if book is None and spoilt is None:
            await self._app(scope, receive, send)
            return
        body = await _body(receive)
        if book is not None:
            scope, body = book.asked(scope, body)
        start, content = await _whole(self._app, scope, body)
        if book is not None and start["status"] < 300:
            content = book.answered(scope, body, content, lambda: self._faults.take(source, scope["path"], *OF_PAGES))
        await _tell(start, content, spoilt, send)


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body


async def _whole(app: ASGIApp, scope: Scope, body: bytes) -> tuple[Message, bytes]:
    """The answer's start and its whole content."""
    starts: list[Message] = []
    content = bytearray()
    given = asyncio.Event()

    async def receive() -> Message:
        if given.is_set():  # a streaming answer waits here for its caller to leave
            await asyncio.Event().wait()
        given.set()
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            starts.append(message)
        else:
            content.extend(message.get("body", b""))

    await app(scope, receive, send)
    return starts[0], bytes(content)


async def _tell(start: Message, content: bytes, spoilt: Fault | None, send: Send) -> None:
    """`cut` is a whole HTTP answer of half a text; `reset` promises all of it and leaves in the middle."""
    told = content[: len(content) // 2] if spoilt else content
    promised = content if spoilt and spoilt.kind == "reset" else told
    headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
    headers.append((b"content-length", str(len(promised)).encode()))
    await send({**start, "headers": headers})
    leaves = len(told) < len(promised)
    await send({"type": "http.response.body", "body": told, "more_body": leaves})
    # an answer that is left unfinished makes the server close the connection, and write a line about it


def _refusal(fault: Fault) -> JSONResponse:
    """A body in which each vendor's client finds its own error fields."""
    message = f"made to answer {fault.status}"
    body = {
        "error": {"code": fault.status, "message": message, "status": "SIMULATED", "type": "SimulatedException"},
        "errors": message,
        "status": "error",
        "message": message,
        "category": "RATE_LIMITS" if fault.status == 429 else "SIMULATED",
    }
    headers = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
    return JSONResponse(body, status_code=fault.status, headers=headers)


def _google() -> JSONResponse:
    """https://developers.google.com/google-ads/api/docs/best-practices/common-errors, authentication errors."""
    error = {"errorCode": {"authenticationError": "OAUTH_TOKEN_EXPIRED"}, "message": "OAuth token has expired."}
    kind = "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure"
    told = {"code": 401, "message": "Request had invalid authentication credentials.", "status": "UNAUTHENTICATED"}
    return JSONResponse({"error": {**told, "details": [{"@type": kind, "errors": [error]}]}}, 401)


def _meta() -> JSONResponse:
    """https://developers.facebook.com/docs/graph-api/guides/error-handling: code 190, subcode 463."""
    message = "Error validating access token: Session has expired. The current time is later."
    error = {"message": message, "type": "OAuthException", "code": 190, "error_subcode": 463, "fbtrace_id": "A1"}
    return JSONResponse({"error": error}, 400)


def _hubspot() -> JSONResponse:
    message = "The token used to make this call expired 5 second(s) ago."
    return JSONResponse({"status": "error", "message": message, "category": "EXPIRED_AUTHENTICATION"}, 401)


def _shopify() -> JSONResponse:
    return JSONResponse({"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}, 401)


_EXPIRED: dict[str, Callable[[], JSONResponse]] = {
    "google_ads": _google, "meta_ads": _meta, "hubspot": _hubspot, "shopify": _shopify,
}  # fmt: skip
