"""A hand-made View of a web shop (EUR), small enough to add up by eye, and a server that shows it.

order  processed  gross  discount  refunds             what
101    03-01      25.00     5.00      -                two lines, code SAVE, customer 11, three visits
102    03-02      30.00        -   10.00               a guest; one of three pieces came back, with its tax
103    03-03      12.50        -   12.50               cancelled
104    03-04      99.00        -      -                a test order
105    03-05     130.00        -  110.00 and 0.00      13 lines of 10.00, 11 refunded, then shipping alone; 12 visits
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from simulator.nouns import Customer, Order, OrderLine, Product, Refund, RefundLine, Visit
from simulator.vendors import shopify

GRAPHQL = "/graphql.json"


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2025, 3, day, hour, tzinfo=UTC)


def money(text: str) -> Decimal:
    return Decimal(text)


LAMP = Product("701", "801", "Lamp", "Lighting", "Moss", "L-1", money("10.00"), money("4.20"), at(1, 0), at(1, 0))
RUG = Product("702", "802", "Rug", "Textiles", "Moss", "R-1", money("15.00"), None, at(1, 0), at(4, 0))
ANNA = Customer("11", "Anna.Berg+shop@Example.com", "+49 30 901820", "Anna", "Berg", at(1, 9), at(1))
BEN = Customer("12", "", "", "Ben", "Nord", at(5, 9), at(5))


def visit(key: str, when: datetime, source: str, medium: str, url: str = "", referrer: str = "") -> Visit:
    landing = url or "https://shop.example/"
    return Visit(key, when, "v", "", "", source, medium, "", "", "", "", landing, referrer, 1, True, "")


def order(key: str, day: int, lines, *, customer=None, refunds=(), visits=(), **changes) -> Order:
    given = {
        "email": "", "phone": "", "created_at": at(day), "processed_at": at(day), "cancelled_at": None,
        "is_test": False, "discount_codes": (), "tax": money("1.90"), "shipping": money("4.90"),
    }  # fmt: skip
    given |= {"updated_at": max([given["created_at"], *(refund.refunded_at for refund in refunds)]), **changes}
    return Order(
        order_id=key, store_id="", customer=customer, currency="EUR", lines=tuple(lines), refunds=tuple(refunds),
        visits=tuple(visits), **given,
    )  # fmt: skip


def line(key: str, product: Product, quantity: int, price: str, discount: str = "0.00") -> OrderLine:
    return OrderLine(key, product, quantity, money(price), money(discount))


def refund(key: str, when: datetime, *lines: tuple[str, int, str], tax: str = "0.00", shipping: str = "0.00") -> Refund:
    given_back = tuple(RefundLine(line_id, quantity, money(amount)) for line_id, quantity, amount in lines)
    return Refund(key, when, given_back, money(tax), money(shipping))


TAGGED = "https://shop.example/rugs?utm_source=mail&utm_medium=email&utm_campaign=spring&email=anna@example.com"
ORDERS = (
    order(
        "101", 1, [line("1011", LAMP, 1, "10.00", "5.00"), line("1012", RUG, 1, "15.00")],
        customer=ANNA, email="anna.berg@example.com", phone="030 901820", discount_codes=("SAVE",),
        visits=[
            visit("901", at(1, 8), "", ""),
            visit("902", at(1, 9), "google", "organic", referrer="https://www.google.com/search?q=anna+berg"),
            visit("903", at(1, 10), "mail", "email", TAGGED),
        ],
    ),
    order(
        "102", 2, [line("1021", LAMP, 3, "10.00")], email="guest@example.org",
        refunds=[refund("9102", at(9), ("1021", 1, "10.00"), tax="1.90")],
    ),
    order(
        "103", 3, [line("1031", LAMP, 1, "12.50")], customer=ANNA, cancelled_at=at(3, 15),
        refunds=[refund("9103", at(3, 15), ("1031", 1, "12.50"), tax="1.90", shipping="4.90")],
    ),
    order("104", 4, [line("1041", RUG, 1, "99.00")], is_test=True),
    order(
        "105", 5, [line(f"105{number:02d}", LAMP, 1, "10.00") for number in range(1, 14)], customer=BEN,
        refunds=[
            refund("9105", at(10), *((f"105{number:02d}", 1, "10.00") for number in range(1, 12))),
            refund("9106", at(11), shipping="4.90"),
        ],
        visits=[visit(f"95{number:02d}", at(5, 0) + timedelta(minutes=number), "", "") for number in range(12)],
    ),
)  # fmt: skip


@dataclass
class HandMade:
    """The `View`; what is not of the shop is not there."""

    moment: datetime = datetime(2025, 3, 31, tzinfo=UTC)
    shown: tuple[Order, ...] = ORDERS

    def orders(self) -> list[Order]:
        return list(self.shown)

    def customers(self) -> list[Customer]:
        return [ANNA, BEN]

    def products(self) -> list[Product]:
        return [LAMP, RUG]


@dataclass
class Time:
    """A clock that only sleeping moves; client and server share it."""

    now: float = 0.0
    naps: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


@dataclass(frozen=True)
class Answer:
    status: int
    body: object  # text, or what becomes JSON
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Served:
    url: str
    view: HandMade
    time: Time
    bucket: shopify.Bucket
    asked: list[tuple[str, dict]] = field(default_factory=list)  # path, body of GraphQL requests
    instead: list[Answer] = field(default_factory=list)  # answered to the next GraphQL requests, first first

    def queries(self) -> list[dict]:
        return [body for path, body in self.asked if path.endswith(GRAPHQL)]


class _Recorder:
    def __init__(self, app: ASGIApp, served: Served) -> None:
        self.app, self.served = app, served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        content, more = b"", True
        while more:
            message = await receive()
            content, more = content + message.get("body", b""), message.get("more_body", False)
        is_graphql = scope["path"].endswith(GRAPHQL)
        self.served.asked.append((scope["path"], json.loads(content) if is_graphql else {}))
        if is_graphql and self.served.instead:
            return await _answer(self.served.instead.pop(0), send)

        async def again() -> dict:
            return {"type": "http.request", "body": content, "more_body": False}

        await self.app(scope, again, send)


async def _answer(answer: Answer, send: Send) -> None:
    body = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
    headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})


@contextmanager
def serving(token_seconds: float = shopify.TOKEN_SECONDS) -> Iterator[Served]:
    clock = Time()
    served = Served("", HandMade(), clock, shopify.Bucket(now=clock))

    class Clock:
        def view(self) -> HandMade:
            return served.view

    routes = shopify.routes(Clock(), bucket=served.bucket, token_seconds=token_seconds, now=clock)
    app = Starlette(routes=[Mount("/shopify", routes=routes)], middleware=[Middleware(_Recorder, served=served)])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    served.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/shopify"
    try:
        yield served
    finally:
        server.should_exit = True
        thread.join(5)
