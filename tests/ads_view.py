"""A hand-made View with two ad platforms, small enough to add up by eye, and a server that shows it.

Google, account 1234567890 (USD):                 Meta, account act_1001 (GBP), one campaign, ads m1 and m2:
  day    campaign       ad   impr clicks    cost    day    ad  impr clicks   cost
  03-01  11 Search      111   100     10   12.34    03-01  m1  1000     40  50.10
  03-01  11 Search      112    50      5    6.66    03-01  m2   500     20  25.05
  03-01  12 PMax         -    900     30   30.01    03-02  m1   800     30  40.40
  03-02  11 Search      111   200     20   20.20
  03-03  nothing at all

Of Google's days (searches: keyword 71 "lamp", phrase; `-` is none; the one in brackets is not told):
  day    campaign       keyword  search          impr clicks  cost    country  impr clicks   cost
  03-01  11 Search      71       oak lamp          80      9 11.00    US        140     14  18.00
  03-01  11 Search      71       brass lamp        30      4  5.00    CA         10      1   1.00
  03-01  11 Search      71       (anns lamp)       20      1  1.50
  03-01  11 Search      -        lamps shop        10      1  1.00
  03-01  12 PMax        -        marketing mart   300     12 12.00    US        900     30  30.01
  03-02  11 Search      71       oak lamp         150     15 15.15    US        200     20  20.20
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from simulator.nouns import Account, Ad, AdDay, AdGroup, Campaign, Claim, CountryDay, Keyword, SearchDay
from simulator.vendors import google_ads, meta_ads

GOOGLE = Account("google_ads", "1234567890", "Harbour US", "USD", "America/New_York")
EMPTY = Account("google_ads", "2345678901", "Harbour EU", "EUR", "Europe/Berlin")
META = Account("meta_ads", "act_1001", "Harbour UK", "GBP", "Europe/London")
DAY_1, DAY_2, DAY_3 = date(2025, 3, 1), date(2025, 3, 2), date(2025, 3, 3)

_AD_111, _AD_112 = Ad("111", "Lamp A", "https://shop.example/lamps"), Ad("112", "", "https://shop.example/lamps")
_KEYWORD = Keyword("71", "lamp", "PHRASE")
_GROUP = AdGroup("1109", "Lamps", (_AD_111, _AD_112), (_KEYWORD,))
SEARCH = Campaign(GOOGLE, "11", "Search now", "search", "enabled", "Paid Search", "search", DAY_1, (_GROUP,))
PMAX = Campaign(GOOGLE, "12", "PMax", "performance_max", "paused", "Cross-network", "pmax", DAY_1, ())
_M1, _M2 = Ad("9001", "Video A", "https://shop.example/"), Ad("9002", "Video B", "https://shop.example/")
_SET = AdGroup("905", "Broad", (_M1, _M2))
SOCIAL = Campaign(META, "901", "Prospecting now", "social", "enabled", "Paid Social", "social", DAY_1, (_SET,))


def _claim(action: str, window: str, conversions: str, value: str) -> Claim:
    return Claim(action, window, Decimal(conversions), Decimal(value))


AD_DAYS = {
    "google_ads": (
        AdDay(DAY_1, SEARCH, "Search then", _GROUP, _AD_111, 100, 10, Decimal("12.34"), (
            _claim("purchase", "", "1.25", "110.10"), _claim("lead", "", "2", "0"),
        )),
        AdDay(DAY_1, SEARCH, "Search then", _GROUP, _AD_112, 50, 5, Decimal("6.66"), (
            _claim("purchase", "", "0.5", "39.90"),
        )),
        AdDay(DAY_1, PMAX, "PMax", None, None, 900, 30, Decimal("30.01"), (_claim("purchase", "", "3", "300"),)),
        AdDay(DAY_2, SEARCH, "Search now", _GROUP, _AD_111, 200, 20, Decimal("20.20"), ()),
    ),
    "meta_ads": (
        AdDay(DAY_1, SOCIAL, "Prospecting then", _SET, _M1, 1000, 40, Decimal("50.10"), (
            _claim("omni_purchase", "1d_click", "2", "180.00"), _claim("omni_purchase", "7d_click", "3", "270.55"),
            _claim("omni_purchase", "1d_view", "1", "90.00"), _claim("lead", "7d_click", "4", "0"),
        )),
        AdDay(DAY_1, SOCIAL, "Prospecting then", _SET, _M2, 500, 20, Decimal("25.05"), ()),
        AdDay(DAY_2, SOCIAL, "Prospecting now", _SET, _M1, 800, 30, Decimal("40.40"), ()),
    ),
}  # fmt: skip


def _searched(day: date, keyword: Keyword | None, term: str, match_type: str, *numbers, told: bool = True) -> SearchDay:
    impressions, clicks, cost, *claims = numbers
    return SearchDay(
        day, SEARCH, _GROUP, keyword, term, match_type, told, impressions, clicks, Decimal(cost), tuple(claims)
    )


def _country(day: date, campaign: Campaign, country: str, *numbers) -> CountryDay:
    impressions, clicks, cost = numbers
    return CountryDay(day, campaign, country, country == "US", impressions, clicks, Decimal(cost), ())


SEARCH_DAYS = (
    _searched(DAY_1, _KEYWORD, "oak lamp", "PHRASE", 80, 9, "11.00", _claim("purchase", "", "1.25", "110.10")),
    _searched(DAY_1, _KEYWORD, "brass lamp", "NEAR_PHRASE", 30, 4, "5.00", _claim("lead", "", "2", "0")),
    _searched(DAY_1, _KEYWORD, "anns lamp", "PHRASE", 20, 1, "1.50", told=False),
    _searched(DAY_1, None, "lamps shop", "BROAD", 10, 1, "1.00"),
    SearchDay(DAY_1, PMAX, None, None, "marketing mart", "PERFORMANCE_MAX", True, 300, 12, Decimal("12.00"), ()),
    _searched(DAY_2, _KEYWORD, "oak lamp", "PHRASE", 150, 15, "15.15"),
)
COUNTRY_DAYS = (
    _country(DAY_1, SEARCH, "US", 140, 14, "18.00"),
    _country(DAY_1, SEARCH, "CA", 10, 1, "1.00"),
    _country(DAY_1, PMAX, "US", 900, 30, "30.01"),
    _country(DAY_2, SEARCH, "US", 200, 20, "20.20"),
)


class HandMade:
    """A View of the table above, and its own clock."""

    moment = datetime(2025, 3, 5, tzinfo=UTC)

    def view(self) -> "HandMade":
        return self

    def accounts(self, platform: str) -> list[Account]:
        return [GOOGLE, EMPTY] if platform == "google_ads" else [META]

    def campaigns(self, platform: str) -> list[Campaign]:
        return [SEARCH, PMAX] if platform == "google_ads" else [SOCIAL]

    def ad_days(self, platform: str, first: date, last: date) -> list[AdDay]:
        return [row for row in AD_DAYS[platform] if first <= row.date_day <= last]

    def search_days(self, platform: str, first: date, last: date) -> list[SearchDay]:
        return [row for row in SEARCH_DAYS if first <= row.date_day <= last]

    def country_days(self, platform: str, first: date, last: date) -> list[CountryDay]:
        return [row for row in COUNTRY_DAYS if first <= row.date_day <= last]


@dataclass
class Answer:
    """One answer given instead of the simulator's, to a request whose path ends in `path`."""

    path: str
    status: int
    body: object
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Served:
    """A running simulator: where it is, what it was asked, and what it shall answer instead next time."""

    url: str = ""
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(
        default_factory=list
    )  # method, path?query, headers, body
    instead: list[Answer] = field(default_factory=list)

    def paths(self) -> list[str]:
        return [path.partition("?")[0] for _, path, _, _ in self.asked]


@contextmanager
def serving(clock: object) -> Iterator[Served]:
    """The two vendors on a free port of loopback."""
    mounts = [Mount(f"/{name}", routes=module.routes(clock)) for name, module in _MODULES.items()]
    vendors, served = Starlette(routes=mounts), Served()

    async def app(scope, receive, send):
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        path = scope["path"]
        served.asked.append((scope["method"], f"{path}?{scope['query_string'].decode()}", headers, body))
        for answer in served.instead:
            if path.endswith(answer.path):
                served.instead.remove(answer)
                content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
                names = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
                await send({"type": "http.response.start", "status": answer.status, "headers": names})
                await send({"type": "http.response.body", "body": content})
                return

        unread = [{"type": "http.request", "body": body, "more_body": False}]

        async def again():
            return unread.pop() if unread else await receive()

        await vendors(scope, again, send)

    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    served.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield served
    finally:
        server.should_exit = True
        thread.join()


_MODULES = {"google_ads": google_ads, "meta_ads": meta_ads}
