"""What the simulated vendors answered once, to be played again with something wrong in it, without a server."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import ads_view
import crm_view
import loopback
import mail_view
import pytest
import shop_view
from dlt.sources.helpers.requests import session as dlt_session
from dlt.sources.helpers.rest_client import client as dlt_client
from requests.structures import CaseInsensitiveDict
from starlette.applications import Starlette

from marketing_mart.connectors import client, connector
from marketing_mart.connectors.shopify import api
from marketing_mart.connectors.sound import sound
from marketing_mart.privacy import Privacy, impersonal
from marketing_mart.streams import Access, Page, SourceOptions, Stream, Window
from simulator.vendors import hubspot

PRIVACY = Privacy(b"k" * 32)
MARCH = Window(date(2025, 3, 1), date(2025, 3, 12))
MANY_ASKED = 60  # requests after which a read goes round in a circle


@dataclass(repr=False)
class Recording:
    """A stream, and the bodies it was answered with, in the order it asked. `access`: as the demo has it."""

    stream: Stream
    access: Access
    window: Window
    bodies: list[bytes] = field(default_factory=list)

    def __repr__(self) -> str:
        return self.stream.label  # short, since Hypothesis tells every argument

    def read(self) -> list[Page]:
        options = SourceOptions(accounts=("1234567890",) if self.stream.source == "google_ads" else ())
        pages = connector(self.stream.source).read(self.stream, self.window, self.access, options, PRIVACY)
        return list(impersonal(sound(self.stream, pages), PRIVACY))


class CircleFound(AssertionError):
    """A read that asks for ever."""


def record() -> dict[str, Recording]:
    """Every stream of every vendor, read once from a simulator that shows hand-made views."""
    logging.getLogger("uvicorn").setLevel(logging.ERROR)
    found: dict[str, Recording] = {}
    crm = Starlette(routes=hubspot.routes(crm_view.HandMade()))
    mail = Starlette(routes=hubspot.routes(mail_view.MailView()))
    with (
        ads_view.serving(ads_view.HandMade()) as ads,
        loopback.serving(crm) as contacts,
        loopback.serving(mail) as mails,
        shop_view.serving() as shop,
    ):
        google = Access("google_ads", f"{ads.url}/google_ads", "demo-client", "demo-client-secret", {
            "developer_token": "demo-developer-token", "refresh_token": "demo-refresh-token",
            "token_url": f"{ads.url}/google_ads/token",
        })  # fmt: skip
        access = {
            "google_ads": google,
            "meta_ads": Access("meta_ads", f"{ads.url}/meta_ads", secret="demo-access-token"),
            "hubspot": Access("hubspot", contacts.url, secret=hubspot.TOKEN),
            "shopify": Access("shopify", shop.url, "demo-client", "demo-client-secret"),
        }
        for source, given in access.items():
            for stream in connector(source).STREAMS:
                if stream.name in ("email_events", "emails"):
                    given = Access("hubspot", mails.url, secret=hubspot.TOKEN)
                window = MARCH if stream.kind == "report" else Window(None, MARCH.last)
                one = Recording(stream, given, window)
                with _kept(one.bodies):
                    one.read()
                assert one.bodies, stream.label
                found[stream.label] = one
    return found


@contextmanager
def _kept(bodies: list[bytes]) -> Iterator[None]:
    send = client.Client._send

    def keeping(self: client.Client, *args: Any, **kwargs: Any) -> client.Reply:
        reply = send(self, *args, **kwargs)
        bodies.append(reply.content)
        return reply

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client.Client, "_send", keeping)
        yield


@contextmanager
def played(answer: Callable[[int], tuple[int, dict[str, str], bytes] | None]) -> Iterator[None]:
    """Requests are answered by `answer(n)`: status, headers, body; None: no connection. Waiting takes no time."""
    now = [0.0]
    asked = [0]

    class Response:
        def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.status_code, self.headers, self.body = status, CaseInsensitiveDict(headers), body

        def __enter__(self) -> "Response":
            return self

        def __exit__(self, *_: object) -> None:
            return None

        def iter_content(self, size: int) -> Iterator[bytes]:
            yield from (self.body[at : at + size] for at in range(0, len(self.body), size))

    def respond(*_: object, **__: object) -> Response:
        number, asked[0] = asked[0], asked[0] + 1
        if number > MANY_ASKED:
            raise CircleFound(f"asked {number} times")
        told = answer(number)
        if told is None:
            raise ConnectionResetError("gone")
        return Response(*told)

    class Session:
        def __init__(self, **_: object) -> None:
            self.headers: dict[str, str] = {}

        def close(self) -> None:
            return None

        post = staticmethod(respond)

    class Rest:
        def __init__(self, base_url: str, session: Session, config: object) -> None:
            self.base_url, self.session = base_url, session

        request = staticmethod(respond)

    waiting = {"sleep": lambda seconds: now.__setitem__(0, now[0] + seconds), "clock": lambda: now[0]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dlt_session, "Session", Session)
        patch.setattr(dlt_client, "RESTClient", Rest)
        patch.setitem(client.client.__kwdefaults__, "sleep", waiting["sleep"])
        patch.setitem(client.client.__kwdefaults__, "clock", waiting["clock"])
        patch.setitem(api.shop.__kwdefaults__, "sleep", waiting["sleep"])
        patch.setitem(api.shop.__kwdefaults__, "clock", waiting["clock"])
        yield
