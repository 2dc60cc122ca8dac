"""Each vendor fault that source_faults names, done to each source: the landed rows are those of an undisturbed read,
or the run ends with an error that tells what, where and what next. Nothing in between is landed and accepted."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import duckdb
import httpx
import pytest
from loopback import Served, serving
from source_faults import CASES, DAY, NEXT_DAY, STREAMS, Ended, Fault

from expectations import landed
from expectations.base import Scope
from marketing_mart import demo
from marketing_mart.connectors import connector, google_ads, hubspot, hubspot_crm, hubspot_email, meta_ads, shopify
from marketing_mart.connectors.client import client
from marketing_mart.connectors.google_ads import access as google_access
from marketing_mart.connectors.meta_ads import access as meta_access
from marketing_mart.connectors.meta_ads import ads as meta_creatives
from marketing_mart.connectors.meta_ads import insights
from marketing_mart.connectors.shopify import api
from marketing_mart.errors import MartError, SourceUnavailable
from marketing_mart.landing import Landing
from marketing_mart.privacy import Privacy
from marketing_mart.streams import SourceOptions, Window
from simulator.clock import Clock, moment_of
from simulator.server import application
from simulator.vendors import google_ads as simulated_google
from simulator.world import World

FIRST = date(2024, 2, 8)
BESIDE = {  # the streams of the account's own totals, which the gate holds these against
    "google_ads/ad_performance": ("google_ads/account_performance",),
    "meta_ads/ad_insights": ("meta_ads/account_insights",),
}
READ = {
    stream.label: stream
    for module in (google_ads, meta_ads, hubspot, shopify)
    for stream in module.STREAMS
    if stream.label in STREAMS or stream.name in ("account_performance", "account_insights")
}
PRIVACY = Privacy(b"a key of the tests")
ACCOUNTS = {"google_ads": ("1234567890", "2345678901"), "meta_ads": ("1001", "1002")}
PATIENCE = 20.0


class Time:
    """A clock that only waiting moves, and waiting takes no time."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def simulator() -> Iterator[Served]:
    with serving(application(Clock(World(7, "demo"), moment_of(DAY)))) as served:
        yield served


@pytest.fixture(autouse=True)
def small_pages(monkeypatch):
    """Four pages or more of every stream, and nothing that waits."""
    time = Time()
    connect = partial(client, sleep=time.sleep, clock=time, timeout=(5.0, 30.0))
    make = api.shop

    def patient(*given, **more):
        return connect(*given, **(more | {"patience": min(more.get("patience", PATIENCE), PATIENCE)}))

    def shop(access, stream):
        made = make(access, stream, sleep=time.sleep, clock=time)
        made.page_size = 15
        return made

    for module in (google_access, meta_access, api):
        monkeypatch.setattr(module, "client", patient)
    monkeypatch.setitem(hubspot.read.__kwdefaults__, "connect", patient)
    monkeypatch.setattr(api, "shop", shop)
    sizes = {
        (simulated_google, "PAGE_ROWS"): 4, (insights, "PAGE_ROWS"): 6, (meta_creatives, "PAGE_ADS"): 2,
        (hubspot_crm, "SEARCH_PAGE"): 40, (hubspot_email, "EVENTS_PAGE"): 2,
    }  # fmt: skip
    for (module, name), size in sizes.items():
        monkeypatch.setattr(module, name, size)


@pytest.fixture
def impatient(monkeypatch) -> Callable[[], None]:
    """Call it, and a server that hangs is given up within a second."""

    def hurry() -> None:
        for module in (google_access, meta_access, api):
            made = module.client
            monkeypatch.setattr(module, "client", partial(made, timeout=(5.0, 0.5), patience=2.0))
        monkeypatch.setitem(
            hubspot.read.__kwdefaults__, "connect",
            partial(hubspot.read.__kwdefaults__["connect"], timeout=(5.0, 0.5), patience=2.0),
        )  # fmt: skip

    return hurry


def land(simulator: Served, home: Path, label: str, day: str = DAY) -> None:
    """What `pipeline.extract` does with one stream."""
    landing, stream, last = Landing(home), READ[label], date.fromisoformat(day)
    window = Window(FIRST, last)
    if stream.kind == "entity":
        window = landing.entity_window(stream, last, stream.lookback_days)
    access = demo.access(stream.source, SimpleNamespace(simulator_url=simulator.url))
    pages = connector(stream.source).read(
        stream, window, access, SourceOptions(ACCOUNTS.get(stream.source, ())), PRIVACY
    )
    landing.land(stream, window, pages, kpi_start=FIRST, loaded_at=datetime.now(UTC), run_id=day)


def judge(home: Path, label: str, day: str = DAY) -> None:
    """What `pipeline.check_landed` does, with the suites' own SQL. A stand-in for GateFailed tells what is red."""
    landing, streams = Landing(home), [READ[one] for one in (label, *BESIDE.get(label, ()))]
    offered = landing.offer(day)
    scope = Scope(date.fromisoformat(day), FIRST, tuple(streams))
    table = label.replace("/", "__")
    with duckdb.connect() as mart:
        mart.execute("set TimeZone = 'UTC'")
        for schema, views in landing.judged(streams, offered).items():
            mart.execute(f"create schema {schema}")
            for name, query in views.items():
                mart.execute(f'create view {schema}."{name}" as {query}')
        checks = landed.suites(scope)
        tried = [(of, check) for of in (f"landed.{table}", "landed.reads") for check in checks[of] if check.failing]
        assert len(tried) > 3
        red = [
            f"{of} {check.name}: next: {check.next_step}"
            for of, check in tried
            if check.severity == "error" and mart.execute(check.failing.format(batch=of)).fetchall()
        ]
    source = {READ[label].source}
    landing.judge(
        offered, accepted=() if red else source, rejected=source if red else (), run_id=day, judged_at=datetime.now(UTC)
    )
    if red:
        raise Gate("\n".join(red), next_step="see above")


class Gate(MartError):
    """The landed gate is red."""


def counting(home: Path, label: str) -> list[tuple]:
    """The rows that count, in an order of their own, without what the stream does not declare."""
    view = Landing(home).views([READ[label]])[label.replace("/", "__")]
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        return sorted(connection.execute(f"select * exclude (_extra) from ({view})").fetchall(), key=repr)


def clock_at(simulator: Served, day: str) -> None:
    httpx.delete(f"{simulator.url}/_control/faults")
    assert httpx.post(f"{simulator.url}/_control/clock", json={"as_of": day}).status_code == 200


@pytest.fixture(scope="module")
def homes(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("homes")


@pytest.fixture
def undisturbed(simulator, homes) -> Callable[[str, str], list[tuple]]:
    """The rows of a stream at the end of a day where nothing was wrong; read once."""

    def read(label: str, until: str) -> list[tuple]:
        home = homes / label.replace("/", "-") / until
        if not home.exists():
            shutil.copytree(beside(simulator, homes, label), home)
            for day in (DAY, NEXT_DAY)[: 1 + (until == NEXT_DAY)]:
                clock_at(simulator, day)
                land(simulator, home, label, day)
                if day == DAY:
                    judge(home, label, day)
                else:
                    accept(home, day)
        found = counting(home, label)
        assert len(found) > 8
        return found

    return read


def beside(simulator: Served, homes: Path, label: str) -> Path:
    """A home with what the gate holds the stream against."""
    home = homes / label.replace("/", "-") / "beside"
    if not home.exists():
        clock_at(simulator, DAY)
        home.mkdir(parents=True)
        for one in BESIDE.get(label, ()):
            land(simulator, home, one)
    return home


def accept(home: Path, day: str) -> None:
    landing = Landing(home)
    offered = landing.offer(day)
    landing.judge(offered, accepted=offered.days, rejected=(), run_id=day, judged_at=datetime.now(UTC))


def tried(simulator: Served, home: Path, fault: Fault, label: str) -> str | Ended:
    """Reads and judges the stream while the source is at fault. Returns how it went."""
    clock_at(simulator, DAY)
    assert httpx.post(f"{simulator.url}/_control/faults", json=fault.told(label)).status_code == 200
    try:
        land(simulator, home, label)
        judge(home, label)
    except MartError as error:
        assert error.next_step
        assert label.partition("/")[0] in str(error)
        return Ended("gate" if isinstance(error, Gate) else type(error).__name__, str(error))
    finally:
        httpx.delete(f"{simulator.url}/_control/faults")
    return "landed"


@pytest.mark.parametrize(("fault", "label"), CASES, ids=[f"{label}, {fault.name}" for fault, label in CASES])
def test_a_fault_of_a_source_leaves_the_same_rows_or_ends_the_run(
    simulator, homes, undisturbed, impatient, tmp_path, record_property, fault, label
):
    record_property("fault", f"{label}: {fault.name}")
    expected, home = fault.outcome(label), tmp_path / "home"
    same = undisturbed(label, DAY)
    shutil.copytree(beside(simulator, homes, label), home)
    if fault.control["kind"] == "delay":
        impatient()
    found = tried(simulator, home, fault, label)
    if isinstance(expected, Ended):
        assert isinstance(found, Ended), "the fault was not noticed"
        assert found.error == expected.error and expected.words in found.words, found.words
        assert counting(home, label) == []  # nothing of it counts
    elif expected == "next":
        assert found == "landed"
        clock_at(simulator, NEXT_DAY)
        land(simulator, home, label, NEXT_DAY)
        accept(home, NEXT_DAY)
        assert counting(home, label) == undisturbed(label, NEXT_DAY)
    else:
        assert found == "landed"
        assert counting(home, label) == same


FOLDER_FAULTS = (
    ("no answer", {"kind": "status", "status": 503}),
    ("no list", {"kind": "status", "status": 404, "times": 1}),
    ("no answer to the second file", {"kind": "status", "status": 500, "after": 2}),
    ("the list breaks off", {"kind": "reset", "times": 1}),
    ("a file breaks off", {"kind": "reset", "after": 2, "times": 1}),
    ("every file breaks off", {"kind": "reset", "after": 1}),
)


@pytest.mark.parametrize(("name", "control"), FOLDER_FAULTS, ids=[name for name, _ in FOLDER_FAULTS])
def test_a_folder_that_does_not_answer_leaves_the_inbox_as_it_was(simulator, tmp_path, record_property, name, control):
    record_property("fault", f"files: {name}")
    config = SimpleNamespace(inbox=tmp_path / "inbox", inbox_is_given=False, simulator_url=simulator.url)
    clock_at(simulator, DAY)
    assert demo.refresh_inbox(config)
    before = {path.name: path.read_bytes() for path in config.inbox.iterdir()}
    assert len(before) > 5
    httpx.post(f"{simulator.url}/_control/faults", json={"source": "files", **control})
    with pytest.raises(SourceUnavailable, match="files: the simulator did not answer at") as caught:
        demo.refresh_inbox(config)
    assert caught.value.next_step
    assert {path.name: path.read_bytes() for path in config.inbox.iterdir()} == before
    clock_at(simulator, DAY)
    assert demo.refresh_inbox(config)
