"""The HTTP client that every connector uses: JSON in, JSON out, patient, and silent about secrets.

Requests are built, authorised and sent by dlt's RESTClient over a dlt session. Retrying is done here, since dlt
counts attempts where a daily run needs a bound in seconds, and since some vendors announce their throttle with
400 or 200 (`classify`). dlt takes 1.5 s to import, so only `client()` does; it is handed its session and its
runtime configuration, because what it would look up by itself starts Airflow's settings and its telemetry.
"""

import json
import math
import re
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any, Literal
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from marketing_mart.errors import SourceMalformed, SourceRefused, SourceUnavailable

Timeout = tuple[float, float]  # seconds to connect, and between two reads
RENEW_BEFORE = 60  # seconds before a token's end at which it is exchanged for a new one
UNREACHED = 15.0  # seconds of patience with a server that nobody is behind; the scheduler tries the task again later
_LITERAL = 6  # characters of the longest literal or escape: what begins so near the end may go on behind it
PASSING = {408, 425, 429}  # besides 5xx: the statuses that another try may cure
NO_ANSWER = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_PERSONAL_OR_SECRET = re.compile(
    r"[\w.+-]+@[\w-]+\.[\w.-]+|(?i:bearer\s+)\S+|(?i:(?:token|secret|key|password)\W{1,4})[\w./+=-]{6,}"
)


@dataclass(frozen=True)
class Reply:
    """A whole answer, read and closed."""

    status_code: int
    headers: Mapping[str, str]  # names in any case
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    @cached_property
    def _parsed(self) -> Any:
        try:
            return json.loads(self.content, parse_float=Decimal, parse_constant=_refuse_constant)
        except RecursionError:
            raise ValueError("it is nested too deeply") from None

    def json(self) -> Any:
        """The body, parsed once. Numbers with a point are Decimal. ValueError if it is no JSON."""
        return self._parsed

    def is_cut_short(self) -> bool:
        """Whether a good answer ends before its JSON does, as where something on the way let go of it."""
        if not 200 <= self.status_code < 300:
            return False
        try:
            self.json()
        except json.JSONDecodeError as error:
            text = error.doc.strip()
            if error.msg.startswith("Extra data") or (text and text[0] not in "[{"):
                return False
            return error.pos >= len(text) - _LITERAL or error.msg.startswith("Unterminated")
        except UnicodeDecodeError as error:
            return error.reason == "unexpected end of data"  # cut within a letter
        except (ValueError, RecursionError):
            return False
        return False


Verdict = Literal["retry", "refused"] | float | None
Classify = Callable[[Reply], Verdict]


@dataclass
class TokenExchange(AuthBase):
    """OAuth: `form` posted to `url` gives a token that lasts for a while (client credentials, refresh token).

    `url` may be relative to the client's base URL. `json` posts the form as JSON.
    """

    url: str
    form: Mapping[str, str] = field(repr=False)
    header: str = "Authorization"
    scheme: str = "Bearer "
    json: bool = False
    token: str = field(default="", init=False, repr=False)
    good_until: float = field(default=0.0, init=False)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers[self.header] = self.scheme + self.token
        return request


@dataclass(frozen=True)
class HeaderToken(AuthBase):
    """Secrets that go into headers, e.g. `HeaderToken({"Authorization": f"Bearer {token}"})`."""

    headers: Mapping[str, str] = field(repr=False)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self.headers)
        return request


def bearer(token: str) -> HeaderToken:
    return HeaderToken({"Authorization": f"Bearer {token}"})


def client(
    base_url: str,
    *,
    label: str = "",
    auth: HeaderToken | TokenExchange | None = None,
    headers: Mapping[str, str] | None = None,
    classify: Classify | None = None,
    patience: float = 120.0,
    timeout: Timeout = (10.0, 60.0),
    max_bytes: int = 64 * 2**20,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> "Client":
    """A client of one vendor.

    `label` opens every error message: "hubspot/contacts", or "google_ads/ad_performance of 1234567890".
    `headers` go with every request, token exchanges excepted; values in them count as secret in messages.
    `classify` is asked about every answer, before its status is looked at: "retry" (with backoff), a number of
    seconds to wait before the next try, "refused", or None for the usual reading of the status.
    `patience`: seconds that one request may take with all its tries; a wait that would exceed it is not begun.
    `max_bytes`: the largest body accepted, decompressed.
    """
    from dlt.common.configuration.specs import RuntimeConfiguration
    from dlt.sources.helpers.requests.session import Session
    from dlt.sources.helpers.rest_client.client import RESTClient

    session = Session(timeout=timeout, raise_for_status=False)
    session.headers["User-Agent"] = "marketing-mart"
    session.trust_env = urlsplit(base_url).hostname not in _LOOPBACK  # no proxy between us and the simulator
    rest = RESTClient(base_url, session=session, config=RuntimeConfiguration(dlthub_telemetry=False))
    return Client(
        rest, label or base_url, auth, dict(headers or {}), classify, patience, timeout, max_bytes, sleep, clock
    )


@dataclass
class Client:
    """Made by `client()`. A context manager: leaving it closes its connections."""

    rest: Any  # dlt's RESTClient
    label: str
    auth: HeaderToken | TokenExchange | None = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    classify: Classify | None
    patience: float
    timeout: Timeout
    max_bytes: int
    sleep: Callable[[float], None]
    clock: Callable[[], float]

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.rest.session.close()

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        return self.request("GET", path, params=params).json()

    def post(
        self,
        path: str,
        json: Any = None,
        *,
        data: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> Any:
        """`json` or `data` (a form) is the body. Sent again after a fault, so only for calls that bear it."""
        return self.request("POST", path, json=json, data=data, params=params).json()

    def request(self, method: str, path: str, **kwargs: Any) -> Reply:
        """A 2xx answer whose body is JSON. `path` is relative to the base URL, or an absolute one on its host."""
        if urlsplit(path).netloc not in ("", urlsplit(self.rest.base_url).netloc):
            raise SourceMalformed(f"{self.label}: it points to another host, {urlsplit(path).netloc}: not followed")
        auth = self.auth

        def send() -> requests.Response:
            # the headers go along with auth, since dlt logs those it is given as headers
            return self.rest.request(path, method, auth=self._authorise, stream=True, allow_redirects=False, **kwargs)

        where = f"{self.label}: {method} {urlsplit(path).path}"
        if isinstance(auth, TokenExchange):
            self._renew(auth)
        reply = self._send(send, where)
        if reply.status_code == 401 and isinstance(auth, TokenExchange):
            auth.good_until = 0.0  # withdrawn before its time: one new token, then it is a refusal
            self._renew(auth)
            reply = self._send(send, where)
        return self._accept(reply, where)

    def _authorise(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self.headers)
        return self.auth(request) if self.auth else request

    def _renew(self, auth: TokenExchange) -> None:
        if self.clock() < auth.good_until:
            return
        session, url = self.rest.session, auth.url
        if not urlsplit(url).netloc:
            url = f"{self.rest.base_url.rstrip('/')}/{url.lstrip('/')}"
        body = {"json": dict(auth.form)} if auth.json else {"data": dict(auth.form)}
        where = f"{self.label}: POST {urlsplit(url).path} (token)"
        reply = self._accept(
            self._send(lambda: session.post(url, stream=True, allow_redirects=False, **body), where, classify=False),
            where,
        )
        answer = reply.json()
        if not (isinstance(answer, dict) and isinstance(answer.get("access_token"), str)):
            raise SourceMalformed(f"{where}: the answer has no access_token")
        try:
            lasts = float(answer.get("expires_in", 3600))
        except (ValueError, TypeError, OverflowError):
            lasts = math.nan
        if not math.isfinite(lasts):
            raise SourceMalformed(f"{where}: expires_in is no number of seconds")
        auth.token = answer["access_token"]
        auth.good_until = self.clock() + max(0.0, lasts - RENEW_BEFORE)

    def _send(self, send: Callable[[], requests.Response], where: str, *, classify: bool = True) -> Reply:
        """The first answer that is not a passing fault, whatever its status."""
        began = self.clock()
        end = began + self.patience
        backoff = 0.5
        while True:
            verdict: Verdict
            try:
                with send() as response:
                    reply = self._read(response, where)
            except NO_ANSWER as error:
                verdict, told = "retry", _reason(error)
                if isinstance(error, requests.ConnectionError) and _never_reached(error):
                    end = min(end, began + UNREACHED)
            except (requests.RequestException, ValueError) as error:
                # its text may hold the whole URL or a header, so only its kind is told
                raise SourceRefused(
                    f"{where}: not a request that can be sent ({type(error).__name__})", next_step=self._connection()
                ) from None
            else:
                verdict = (self.classify(reply) if self.classify and classify else None) or _usual(reply)
                told = f"status {reply.status_code}: {self._excerpt(reply)}"
                if verdict is None and reply.is_cut_short():
                    verdict, told = "retry", f"the answer is cut short after {len(reply.content)} bytes"
                if verdict is None:
                    return reply
                if verdict == "refused":
                    raise self._refusal(reply, where)
            wait = backoff if verdict == "retry" else float(verdict)
            if self.clock() + wait > end:
                raise SourceUnavailable(
                    f"{where}: {told}; the next try would be in {wait:.0f} s, beyond the {end - began:.0f} s allowed",
                    next_step="run this source again later",
                ) from None
            self.sleep(wait)
            backoff = min(backoff * 2, 30.0)

    def _read(self, response: requests.Response, where: str) -> Reply:
        end, parts, size = self.clock() + 10 * self.timeout[1], [], 0
        for part in response.iter_content(2**16):
            size += len(part)
            if size > self.max_bytes:
                raise SourceMalformed(f"{where}: the answer is larger than {self.max_bytes} bytes")
            if self.clock() > end:
                raise requests.Timeout("the body trickles")
            parts.append(part)
        return Reply(response.status_code, response.headers, b"".join(parts))

    def _accept(self, reply: Reply, where: str) -> Reply:
        if not 200 <= reply.status_code < 300:
            raise self._refusal(reply, where)
        try:
            reply.json()
        except ValueError:
            raise SourceMalformed(
                f"{where}: the answer is no JSON ({len(reply.content)} bytes): {self._excerpt(reply)}"
            ) from None
        return reply

    def _refusal(self, reply: Reply, where: str) -> SourceRefused:
        told = self._excerpt(reply)
        if 300 <= reply.status_code < 400:
            told = f"a redirect to {urlsplit(reply.headers.get('Location', '')).netloc or 'nowhere'}, not followed"
        return SourceRefused(f"{where}: refused with status {reply.status_code}: {told}", next_step=self._connection())

    def _connection(self) -> str:
        return f"check the connection mart_{re.split('[/ ]', self.label)[0]} and what its credentials may read"

    def _excerpt(self, reply: Reply) -> str:
        """The start of a body on one line, without what we sent as a secret and what looks like a person or one."""
        text = " ".join(reply.text[:2000].split())
        for secret in self._secrets():
            text = text.replace(secret, "…")
        return _PERSONAL_OR_SECRET.sub("…", text)[:200] or "(empty)"

    def _secrets(self) -> list[str]:
        held = [*self.headers.values()]
        if isinstance(self.auth, TokenExchange):
            held += [self.auth.token, *self.auth.form.values()]
        elif self.auth:
            held += [word for value in self.auth.headers.values() for word in value.split()]
        return sorted((value for value in held if len(value) > 5), key=len, reverse=True)


def _usual(reply: Reply) -> Verdict:
    if reply.status_code in PASSING or reply.status_code >= 500:
        asked = retry_after(reply.headers)
        return "retry" if asked is None else asked
    return None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that `Retry-After` asks for; a date counts from the answer's own `Date`, not from our clock."""
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value)
    try:
        until, sent = (parsedate_to_datetime(text) for text in (value, headers.get("Date", "")))
        return max(0.0, (until - sent).total_seconds())
    except (ValueError, TypeError):  # neither form, or one date with a zone and one without: as if it were not there
        return None


def dig(value: Any, *names: str) -> Any:
    """The value under nested names; None where something on the way is missing or no object."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _never_reached(error: BaseException) -> bool:
    """Whether no connection came about at all: its port is closed, or its name is unknown."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ConnectionRefusedError | socket.gaierror):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _reason(error: BaseException) -> str:
    """Why there was no answer, by the operating system's word for it: the exception's own text holds the URL."""
    seen: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            seen.append(cause.strerror)
        cause = cause.__cause__ or cause.__context__
    return f"no answer ({seen[-1] if seen else type(error).__name__})"


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
