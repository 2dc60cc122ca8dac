"""Bad input ends in one clear message, no traceback, a non-zero exit, and the last release still served.

What a file can have wrong in it is in test_files_errors, what config/mart.yml can in test_settings; here is how it
reaches the person who typed `make run`, and whoever is on call.
"""

import fcntl
import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from dag_runs import control, mart, simulator
from files_world import ADS, STREAMS, put
from leaks import found_in, texts_of
from loopback import Answer, serving
from test_files_alone import DAY, HOME, INBOX, alone, environment_of, written

from marketing_mart import pipeline, publishing
from marketing_mart.connectors import files
from marketing_mart.errors import InputError
from marketing_mart.landing import Landing
from marketing_mart.registry import Registry
from marketing_mart.streams import Access, SourceOptions, Window

WEEK = Window(date(2025, 6, 24), date(2025, 6, 30))


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> tuple[Path, dict[str, str]]:
    """A home with a release in it, and the environment it was published with."""
    folder = alone(tmp_path_factory)
    return folder / HOME, environment_of(folder)


def refused(home: Path, **environment: str) -> str:
    """What a run that must fail says on the terminal, once it is sure that it harmed nothing."""
    before = publishing.current(home)
    done = mart(home, **environment)
    printed = done.stdout + done.stderr
    assert done.returncode == 1, printed[-3000:]
    assert "Traceback" not in printed and 'File "' not in printed
    assert done.stderr.count("error: ") == 1 and "  next: " in done.stderr
    assert publishing.current(home) == before
    return done.stderr


def refused_by_dag(good: tuple[Path, dict[str, str]], **environment: str) -> str:
    """The same for a failure inside the DAG, which the run's record and the alert tell as well."""
    home, told = good
    message = refused(home, **(told | environment))
    assert f"served as before: {publishing.current(home).release_id}" in message
    assert publishing.current(home).database.exists()
    log = next(line for line in message.splitlines() if line.startswith("  the log: "))
    assert Path(log.removeprefix("  the log: ")).exists()
    run = Registry(home).history(1)[0]
    assert run.outcome == "failed" and run.release_id is None
    assert run.error.splitlines()[0] in message
    assert run.error.splitlines()[0] in (home / "alerts.txt").read_text()
    return message


def broken_inbox(folder: Path, **streams: str) -> dict[str, str]:
    return {"MART_INBOX": written(folder, INBOX | streams)["MART_INBOX"]}


@pytest.mark.slow
def test_a_file_that_can_not_be_right(good, tmp_path):
    orders = INBOX["orders"].replace("o1,2025-06-12 10:00:00,EUR,100.00", "o1,yesterday,EUR,lots").replace("o9,", "o8,")
    told = refused_by_dag(good, **broken_inbox(tmp_path, orders=orders))
    assert f"error: files/orders: {tmp_path}/inbox/orders.csv can't be right, and nothing of it was landed" in told
    assert "column ordered_at must be a time" in told and "line 3 has 'yesterday'" in told
    assert "column net_amount must be an amount" in told and "line 3 has 'lots'" in told
    assert "rows with the same order_id: line 2 and line 10 have 'o8'" in told
    assert "next: correct orders.csv, then run again: make run MART_SOURCES=files" in told


@pytest.mark.slow
def test_a_currency_without_a_rate(good, tmp_path):
    orders = INBOX["orders"].replace("o1,2025-06-12 10:00:00,EUR", "o1,2025-06-12 10:00:00,SEK")
    told = refused_by_dag(good, **broken_inbox(tmp_path, orders=orders))
    assert "error: gate mart 2025-06-16: " in told and told.count("; observed ") == 1
    assert "expected a rate at most 7 days old for every amount; observed 1 row otherwise, first: currency=SEK" in told
    assert "next: add the currency's rates to fx_rates in the inbox, then make run" in told
    sample = next(line for line in told.splitlines() if "no_missing_rates" in line).partition("sample: ")[2]
    assert "SEK" in Path(sample).read_text()


def connection(source: str, host: str, secret: str, **more: object) -> dict[str, str]:
    told = {"conn_type": "http", "host": host, "password": secret} | more
    return {f"AIRFLOW_CONN_MART_{source.upper()}": json.dumps(told)}


@pytest.mark.slow
def test_sources_that_can_not_be_read_are_told_each_in_one_message(good):
    """Wrong credentials, a dead server, no connection at all, one that tells what it was told. A dead server is tried
    for seconds, not minutes. No file of the home has a secret or an address in it, whoever wrote it."""
    secrets = ["not-the-token", "sesame-open", "client/of=secrets", "1//refreshing-it", "developing-it"]
    with simulator(DAY) as url, serving() as echo:
        echo.instead = [Answer(401, {"error": f"{secrets[2]} of ada.planted@example.com, {secrets[3]}: unknown"})]
        more = {"developer_token": secrets[4], "refresh_token": secrets[3], "token_url": f"{echo.url}/token"}
        told = refused_by_dag(
            good,
            MART_SOURCES="hubspot,meta_ads,shopify,google_ads",
            **connection("hubspot", f"{url}/hubspot", secrets[0]),
            **connection("meta_ads", "http://127.0.0.1:9", secrets[1]),
            **connection("google_ads", echo.url, secrets[2], login="client", extra=more),
        )
    assert "google_ads/account_performance" in told and "(token): refused with status 401" in told
    assert found_in(texts_of(good[0]) | {Path("terminal"): told}, *secrets, "ada.planted@") == []
    assert "hubspot/contacts: GET /crm/v3/objects/contacts: refused with status 401" in told
    assert "next: check the connection mart_hubspot" in told
    assert told.count("meta_ads/") == 1 and "no answer (Connection refused)" in told
    assert "shopify: there is no Airflow connection mart_shopify, and `demo: true` is not set" in told
    stages = Registry(good[0]).stages(Registry(good[0]).history(1)[0].run_id)
    tried = {name: [s for s in stages if s.stage == f"extract {name}"] for name in ("hubspot", "meta_ads", "shopify")}
    assert {name: len(attempts) for name, attempts in tried.items()} == {"hubspot": 1, "meta_ads": 2, "shopify": 1}
    assert all((attempt.ended_at - attempt.started_at).total_seconds() < 20 for attempt in tried["meta_ads"])


@pytest.mark.slow
def test_a_source_that_answers_nothing_does_not_look_like_zero(good):
    with simulator(DAY) as url:
        for source in ("hubspot", "meta_ads"):
            control(url, "faults", {"source": source, "kind": "empty"})
        told = refused_by_dag(
            good,
            MART_SOURCES="hubspot,meta_ads",
            **connection("hubspot", f"{url}/hubspot", "demo-private-app-token"),
            **connection("meta_ads", f"{url}/meta_ads", "demo-access-token"),
        )
    assert "error: gate landed 2025-06-16: 3 of " in told
    for source, stream in (("hubspot", "contacts"), ("meta_ads", "account_insights"), ("meta_ads", "ad_insights")):
        assert f"landed.{source}__{stream} not_empty: expected at least 1 row; observed 1 row otherwise, first:" in told
        assert f"source={source}, stream={stream}, rows_landed=0" in told
    assert "next: see that the source's accounts and rights are right, then make run MART_DATE=2025-06-16" in told


@pytest.mark.slow
@pytest.mark.parametrize(
    ("environment", "config", "told"),
    [
        ({}, "sources: {files: {lookback: 3}}", "mart.yml:1: sources.files.lookback: unknown key; did you mean"),
        ({}, "sources: {gogle_ads: {}}", "mart.yml:1: sources.gogle_ads: no such source; did you mean google_ads?"),
        ({}, "demo: true\nsources: {files: {}}", "holds business data, and {config} says `demo: true`"),
        ({"MART_DATE": "30.06.2025"}, "", "MART_DATE=30.06.2025 is no date"),
        ({"MART_DATE": "1889-06-30"}, "", "MART_DATE=1889-06-30 is before 1990-01-01"),
        ({"MART_DATE": "2205-06-30"}, "", "the day 2205-06-30 has not come"),
        ({"MART_SOURCES": "files,shopfy"}, "", "MART_SOURCES: shopfy: no such source; did you mean shopify?"),
    ],
)
def test_what_can_be_refused_before_airflow_starts_is(good, tmp_path, environment, config, told):
    home, known = good
    if config:
        (tmp_path / "mart.yml").write_text(config)
        environment = {"MART_CONFIG": str(tmp_path / "mart.yml")}
    runs = len(Registry(home).history())
    assert told.replace("{config}", str(tmp_path / "mart.yml")) in refused(home, **(known | environment))
    assert len(Registry(home).history()) == runs


@pytest.mark.slow
def test_a_second_run_meanwhile(good):
    home, told = good
    with (home / "run.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert f"is under way in {home}" in refused(home, **told)


def test_the_demo_s_home_is_not_the_business_s(tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "kind").write_text("demo")
    told = refused(tmp_path / "home", **written(tmp_path / "inbox"))
    assert "holds demo data, and" in told and "says `demo: false`" in told
    assert "next: set MART_HOME to another folder" in told


def test_a_day_before_the_simulated_world_began(tmp_path):
    (tmp_path / "mart.yml").write_text("demo: true\nsources: {files: {}}\n")
    done = mart(tmp_path / "home", MART_CONFIG=str(tmp_path / "mart.yml"), MART_DATE="2015-01-01")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "the simulated world begins on 2024-01-01" in done.stderr


def test_a_home_that_is_no_folder(tmp_path):
    done = mart(tmp_path / "mart.yml", **written(tmp_path))
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert f"error: MART_HOME={tmp_path}/mart.yml can't be used: File exists" in done.stderr


@pytest.fixture
def extract(tmp_path, monkeypatch):
    """The stage, without Airflow, on the inbox of tmp_path."""
    for name, value in (written(tmp_path) | {"MART_HOME": str(tmp_path / "home")}).items():
        monkeypatch.setenv(name, value)

    def extract(inbox: Path, day: str = DAY) -> int:
        monkeypatch.setenv("MART_INBOX", str(inbox))
        run = pipeline.start(None, {"mart_date": day})
        return pipeline.extract(run, "files", None, Access("identity", "", secret="a key of the tests"))

    return extract


def test_an_inbox_without_a_stream_is_told_with_what_is_in_it(extract, tmp_path):
    with pytest.raises(InputError, match=r"files: the inbox .*/nowhere does not exist") as caught:
        extract(tmp_path / "nowhere")
    assert "or set MART_INBOX" in caught.value.next_step
    (tmp_path / "other").mkdir()
    put(tmp_path / "other", "Order.csv", "order_id\n1\n")
    with pytest.raises(InputError, match=r"holds no file that is a stream; it has Order.csv \(did you mean orders.csv"):
        extract(tmp_path / "other")
    assert Landing(tmp_path / "home").reads() == []


def test_a_file_that_nothing_reads_and_one_that_is_gone_are_warned_of(extract, tmp_path, caplog):
    extract(tmp_path / "inbox")
    assert "WARNING" in caplog.text  # of its unknown columns
    assert "is not read" not in caplog.text and "is gone" not in caplog.text
    shutil.move(tmp_path / "inbox" / "deals.csv", tmp_path / "inbox" / "deal.csv")
    extract(tmp_path / "inbox")
    assert f"files: {tmp_path}/inbox/deal.csv is not read (did you mean deals.csv?)" in caplog.text
    assert f"files/deals: its file is gone from {tmp_path}/inbox; what was landed of it stays as it is" in caplog.text


def test_days_that_no_file_of_a_report_ever_held_are_warned_of(extract, tmp_path, caplog):
    put(tmp_path / "inbox", "events.csv", "event_id,occurred_at,event_name\ne2,2025-06-17 18:00:00,fair\n")
    extract(tmp_path / "inbox", "2025-06-17")
    assert "files/events: its file begins" not in caplog.text
    put(tmp_path / "inbox", "events.csv", "event_id,occurred_at,event_name\ne3,2025-06-19 18:00:00,fair\n")
    extract(tmp_path / "inbox", "2025-06-19")
    assert "files/events: its file begins on 2025-06-19, and none before reached beyond 2025-06-17" in caplog.text


@pytest.mark.parametrize(
    ("stream", "content", "first"),
    [
        ("ad_performance", ADS.replace("06-01", "06-28"), date(2025, 6, 28)),
        ("ad_performance", ADS, date(2025, 6, 24)),  # nothing beyond the look-back
        ("ad_performance", ADS.replace("06-01", "06-28") + ADS.splitlines()[1].replace("2025-06-01", "soon"),
         date(2025, 6, 28)),
        ("ad_performance", ADS.splitlines()[0] + "\n", date(2025, 6, 24)),  # reading it tells
        ("sessions", "session_id,visitor_id,started_at\ns,v,2025-06-27T23:00:00Z\n", date(2025, 6, 28)),
        ("sessions", {"session_id": ["s"], "visitor_id": ["v"], "started_at": [date(2025, 6, 26)]}, date(2025, 6, 26)),
        ("events", "event_id,occurred_at,event_name\ne,2025-06-30,fair\n", date(2025, 6, 30)),
    ],
)  # fmt: skip
def test_a_report_speaks_for_no_day_before_its_first(tmp_path, stream, content, first):
    put(tmp_path, f"{stream}.{'parquet' if isinstance(content, dict) else 'csv'}", content)
    options = SourceOptions(inbox=str(tmp_path), timezone="Europe/Berlin")
    assert files.narrowed(STREAMS[stream], WEEK, options) == Window(first, WEEK.last)


def test_a_report_that_begins_after_the_day_is_refused(tmp_path):
    put(tmp_path, "ad_performance.csv", ADS.replace("06-01", "07-01"))
    with pytest.raises(InputError, match="begins on 2025-07-01, and has nothing of 2025-06-30 or before"):
        files.narrowed(STREAMS["ad_performance"], WEEK, SourceOptions(inbox=str(tmp_path)))
