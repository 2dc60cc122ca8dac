"""The faults that the simulator can be made to have: each does to an answer what it says, and to no other."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from loopback import Served, serving
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from simulator.clock import Clock
from simulator.faults import SourceClock
from simulator.faulty_pages import SHAPES
from simulator.server import VENDORS, application
from simulator.world import World

WORLD = World(7, "demo")
PAGES = 4


def numbered(clock: SourceClock) -> list[Route]:
    """Pages of two rows as Meta gives them, and as Google does, whose cursor is the number of the page."""

    def row(number: int) -> dict:
        return {"n": number, "text": str(number), "deep": {"clicks": number / 4}}

    def in_query(request: Request) -> JSONResponse:
        page = int(request.query_params.get("after", 0))
        paging = {"cursors": {"after": str(page + 1)}} | ({"next": "…"} if page + 1 < PAGES else {})
        return JSONResponse({"data": [row(2 * page), row(2 * page + 1)], "paging": paging, "day": _day(clock)})

    async def in_body(request: Request) -> JSONResponse:
        page = int(json.loads(await request.body()).get("pageToken", 0))
        more = {"nextPageToken": str(page + 1)} if page + 1 < PAGES else {}
        return JSONResponse({"results": [row(2 * page), row(2 * page + 1)], **more})

    return [
        Route("/rows", in_query),
        Route("/search", in_body, methods=["POST"]),
        Route("/token", lambda request: JSONResponse({"access_token": "t"}), methods=["POST"]),
    ]


def _day(clock: SourceClock) -> int:
    return clock.view().moment.day


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    clock = Clock(WORLD, datetime(2024, 2, 11, tzinfo=UTC))
    with serving(application(clock, {"meta_ads": numbered, "google_ads": numbered})) as served:
        yield served


@pytest.fixture
def ask(server):
    with httpx.Client(base_url=server.url, timeout=10) as client:
        client.post("/_control/clock", json={"as_of": "2024-02-10"})
        yield client
        client.delete("/_control/faults")


def fault(ask: httpx.Client, kind: str, source: str = "meta_ads", **more) -> None:
    assert ask.post("/_control/faults", json={"source": source, "kind": kind, **more}).status_code == 200


def pages(ask: httpx.Client, most: int = 9) -> list[list[int]]:
    """The numbers of the rows, page after page, as a reader that follows the cursors gets them."""
    found, after = [], ""
    for _ in range(most):
        answer = ask.get("/meta_ads/rows", params={"after": after} if after else {}).json()
        found.append([row["n"] for row in answer["data"]])
        if "next" not in answer["paging"]:
            break
        after = answer["paging"]["cursors"]["after"]
    return found


def posted(ask: httpx.Client) -> list[list[int]]:
    found, token = [], {}
    for _ in range(9):
        answer = ask.post("/google_ads/search", json=token).json()
        found.append([row["n"] for row in answer["results"]])
        if "nextPageToken" not in answer:
            break
        token = {"pageToken": answer["nextPageToken"]}
    return found


UNDISTURBED = [[0, 1], [2, 3], [4, 5], [6, 7]]


def test_without_a_fault_pages_follow_each_other(ask):
    assert pages(ask) == posted(ask) == UNDISTURBED


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("repeated", [[0, 1], [2, 3], [2, 3], [6, 7]]),
        ("hollow", [[0, 1], [2, 3], [], [4, 5], [6, 7]]),
        ("skipped", [[0, 1], [2, 3], [5], [6, 7]]),
        ("doubled", [[0, 1], [2, 3], [4, 4, 5], [6, 7]]),
        ("reversed", [[0, 1], [2, 3], [5, 4], [6, 7]]),
    ],
)
def test_a_page_at_fault_is_the_one_after_those_that_pass(ask, kind, told):
    fault(ask, kind, after=2, times=1)
    fault(ask, kind, "google_ads", after=2, times=1)
    assert pages(ask) == told
    assert posted(ask) == told
    assert pages(ask) == UNDISTURBED


def test_the_first_page_can_be_hollow_too(ask):
    fault(ask, "hollow", times=1)
    fault(ask, "hollow", "google_ads", times=1)
    assert pages(ask) == posted(ask) == [[], *UNDISTURBED]


def test_cursors_can_lead_in_a_circle(ask):
    fault(ask, "circling", after=2)
    assert pages(ask, most=6) == [[0, 1], [2, 3], [4, 5], [2, 3], [4, 5], [2, 3]]


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("renamed", {"n": 0, "text": "0", "deep": {"clicksV2": 0.0}}),
        ("added", {"n": 0, "text": "0", "deep": {"clicks": 0.0}, "somethingNew": {"of": "no concern"}}),
        ("texts", {"n": "0", "text": "0", "deep": {"clicks": "0.0"}}),
        ("numbers", {"n": 0, "text": 0, "deep": {"clicks": 0.0}}),
    ],
)
def test_rows_can_change_their_shape(ask, kind, row):
    fault(ask, kind, times=1, **({"field": "deep.clicks"} if kind == "renamed" else {}))
    assert ask.get("/meta_ads/rows").json()["data"][0] == row
    assert ask.get("/meta_ads/rows").json()["data"][0]["deep"] == {"clicks": 0.0}


def test_a_body_can_be_cut_and_a_connection_broken_in_the_middle_of_it(ask):
    whole = ask.get("/meta_ads/rows").content
    fault(ask, "cut", times=1)
    assert ask.get("/meta_ads/rows").content == whole[: len(whole) // 2]
    fault(ask, "reset", times=1)
    with pytest.raises(httpx.RemoteProtocolError, match=r"incomplete|closed connection"):
        ask.get("/meta_ads/rows")
    assert ask.get("/meta_ads/rows").content == whole


def test_the_clock_can_move_between_two_pages(ask):
    fault(ask, "moved", as_of="2024-02-14", after=1, times=1)
    assert [ask.get("/meta_ads/rows").json()["day"] for _ in range(3)] == [11, 15, 15]


def test_a_token_runs_out_in_the_vendors_own_words_but_a_new_one_is_given(ask):
    fault(ask, "expired")
    fault(ask, "expired", "google_ads")
    meta, google = ask.get("/meta_ads/rows"), ask.post("/google_ads/search", json={})
    assert (meta.status_code, meta.json()["error"]["code"], meta.json()["error"]["error_subcode"]) == (400, 190, 463)
    told = google.json()["error"]["details"][0]["errors"][0]
    assert (google.status_code, told["errorCode"]) == (401, {"authenticationError": "OAUTH_TOKEN_EXPIRED"})
    assert ask.post("/google_ads/token").status_code == 200


def test_only_requests_to_its_path_meet_a_fault_or_count(ask):
    fault(ask, "status", path="/rows", after=1, times=1, status=503)
    assert [ask.post("/meta_ads/token").status_code for _ in range(3)] == [200] * 3
    assert [ask.get("/meta_ads/rows").status_code for _ in range(3)] == [200, 503, 200]


def test_every_vendor_has_pages_that_can_be_at_fault():
    assert all(SHAPES[vendor] for vendor in VENDORS)
