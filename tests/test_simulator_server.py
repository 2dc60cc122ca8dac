"""The simulator's port: the vendors under their names, the clock and the faults that tests set."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from inspect import signature

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from simulator import faults, faulty_requests
from simulator.clock import Clock
from simulator.faults import SourceClock
from simulator.nouns import View
from simulator.server import application
from simulator.world import World

WORLD = World(7, "demo")


def counting(clock: SourceClock) -> list[Route]:
    """A vendor that tells how much it sees."""

    def count(request: Request) -> JSONResponse:
        view = clock.view()
        assert clock.view() is view, "a vendor keeps what it worked out by the view"
        return JSONResponse({"contacts": len(view.contacts()), "accounts": len(view.accounts("meta_ads"))})

    return [Route("/count", count)]


def clock_at(day: int) -> Clock:
    return Clock(WORLD, datetime(2024, 2, day, tzinfo=UTC))


@pytest.fixture
def port() -> Iterator["Port"]:
    yield Port(clock_at(11))


class Port:
    """Requests to the application in this process, from an address."""

    def __init__(self, clock: Clock, client: str = "127.0.0.1") -> None:
        self._app = application(clock, {"hubspot": counting, "meta_ads": counting})
        self._client = client

    def __call__(self, method: str, path: str, body: object = None) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app, client=(self._client, 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://simulator") as client:
                return await client.request(method, path, json=body)

        return asyncio.run(ask())


def contacts(port: Port, source: str = "hubspot") -> int:
    return port("GET", f"/{source}/count").json()["contacts"]


def test_the_state_tells_seed_size_and_day(port: Port) -> None:
    assert port("GET", "/_control").json() == {"seed": 7, "size": "demo", "as_of": "2024-02-10"}


def test_the_clock_moves_forward_and_back(port: Port) -> None:
    before = contacts(port)
    assert port("POST", "/_control/clock", {"as_of": "2024-03-01"}).json()["as_of"] == "2024-03-01"
    assert contacts(port) > before > 0
    assert port("POST", "/_control/clock", {"as_of": "2024-02-10"}).status_code == 200
    assert contacts(port) == before


def test_the_clock_can_stand_within_a_day(port: Port) -> None:
    assert port("POST", "/_control/clock", {"as_of": "2024-02-10T12:00:00+01:00"}).json()["as_of"] == (
        "2024-02-10T11:00:00+00:00"
    )


@pytest.mark.parametrize("asked", ["2023-12-31", "tomorrow", "2024-02-30", "2024-02-10T12:00:00", None])
def test_a_moment_that_is_none_is_refused_and_the_clock_stays(port: Port, asked: object) -> None:
    answer = port("POST", "/_control/clock", {"as_of": asked})
    assert answer.status_code == 400 and answer.json()["error"]
    assert port("GET", "/_control").json()["as_of"] == "2024-02-10"


def test_without_a_day_the_clock_follows_the_machines_until_it_is_moved() -> None:
    now = datetime(2024, 2, 11, tzinfo=UTC)
    clock = Clock(WORLD, now=lambda: now)
    first = clock.view()
    assert clock.view() is first
    now = datetime(2024, 2, 12, tzinfo=UTC)
    assert clock.view().moment == now
    clock.move(datetime(2024, 2, 5, tzinfo=UTC))
    assert clock.view().moment == datetime(2024, 2, 5, tzinfo=UTC)


def test_a_status_fault_is_met_so_many_times_by_its_source_alone(port: Port) -> None:
    fault = {"source": "meta_ads", "kind": "status", "status": 429, "times": 2, "retry_after": 1}
    assert port("POST", "/_control/faults", fault).status_code == 200
    first = port("GET", "/meta_ads/count")
    assert (first.status_code, first.headers["retry-after"]) == (429, "1")
    assert first.json()["error"]["code"] == 429
    assert port("GET", "/hubspot/count").status_code == 200
    assert [port("GET", "/meta_ads/count").status_code for _ in range(2)] == [429, 200]


def test_a_fault_without_times_lasts_until_it_is_cleared(port: Port) -> None:
    port("POST", "/_control/faults", {"source": "hubspot", "kind": "status", "status": 401})
    assert [port("GET", "/hubspot/count").status_code for _ in range(3)] == [401] * 3
    port("DELETE", "/_control/faults")
    assert port("GET", "/hubspot/count").status_code == 200


def test_an_emptied_source_keeps_its_accounts_and_tells_nothing_else(port: Port) -> None:
    port("POST", "/_control/faults", {"source": "hubspot", "kind": "empty"})
    assert port("GET", "/hubspot/count").json() == {"contacts": 0, "accounts": 2}
    assert contacts(port, "meta_ads") > 0
    port("DELETE", "/_control/faults")
    assert contacts(port) > 0


def test_an_emptied_view_can_be_asked_whatever_a_view_can() -> None:
    """A vendor that asks for more would meet an error of ours, not an empty answer."""
    questions = [name for name in vars(View) if not name.startswith("_")]
    assert "orders" in questions
    for name in questions:
        assert signature(getattr(faults.EmptyView, name, lambda: "missing")) == signature(getattr(View, name)), name
    assert set(View.__annotations__) <= set(vars(faults.EmptyView(clock_at(11).view())))


def test_a_delayed_source_answers_late(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(faulty_requests.asyncio, "sleep", sleep)
    port("POST", "/_control/faults", {"source": "hubspot", "kind": "delay", "seconds": 20, "times": 1})
    assert [port("GET", f"/{source}/count").status_code for source in ("meta_ads", "hubspot", "hubspot")] == [200] * 3
    assert slept == [20]


@pytest.mark.parametrize(
    "fault",
    [
        {"source": "nobody", "kind": "empty"},
        {"source": "hubspot", "kind": "flood"},
        {"source": "hubspot"},
        {"source": "hubspot", "kind": "status", "colour": "red"},
        {"source": "hubspot", "kind": "moved", "as_of": "tomorrow"},
        {"source": "hubspot", "kind": "renamed"},
        [],
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(port: Port, fault: object) -> None:
    assert port("POST", "/_control/faults", fault).status_code == 400


def test_control_is_for_this_machine_only() -> None:
    stranger = Port(clock_at(11), client="192.0.2.7")
    asked = [("GET", ""), ("POST", "/clock"), ("POST", "/faults"), ("DELETE", "/faults")]
    assert {stranger(method, f"/_control{path}", {}).status_code for method, path in asked} == {403}
    assert stranger("GET", "/hubspot/count").status_code == 200


def test_the_shared_folder_lists_and_gives_its_files(port: Port) -> None:
    names = port("GET", "/files/").text.split()
    assert {"sessions.csv", "orders.csv"} <= set(names) and "experiments.csv" not in names  # none ran yet
    assert all(port("GET", f"/files/{name}").text.count("\n") > 1 for name in names)
    assert {port("GET", f"/files/{name}").status_code for name in ("secrets.csv", "experiments.csv")} == {404}


def test_all_vendors_are_served() -> None:
    app = application(clock_at(11))
    assert {route.path for route in app.routes} >= {"/google_ads", "/meta_ads", "/hubspot", "/shopify", "/files"}
