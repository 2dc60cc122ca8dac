"""An erased person is found nowhere, every total stays, and nothing brings them back: on the world of erasure_world."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import erasure_world as world
import pyarrow.parquet as pq
import pytest
from built_once import own_copy
from erasure_world import CLICK, CUSTOMER, EMAIL, PRIVACY, TRACES

from marketing_mart import erasure, pipeline, publishing
from marketing_mart.erasure.identifiers import TOKEN, digest, fresh_tokens
from marketing_mart.erasure.marks import marks_of
from marketing_mart.erasure.suppression import suppressed
from marketing_mart.errors import ConfigError, ErasureError, LandingError
from marketing_mart.extraction import land_streams
from marketing_mart.landing import Landing
from marketing_mart.privacy import Privacy
from marketing_mart.registry import Registry
from marketing_mart.release import Release, attached
from marketing_mart.streams import Access

ROOT = Path(__file__).resolve().parents[1]
HERS = erasure.Asked(email=f" {EMAIL.upper()} ")
# A process that ends itself, as kill -9 would, when the landing and the first of two releases have been rewritten.
KILLED = """
import os, signal, sys
from pathlib import Path
import erasure_world as world
from marketing_mart import erasure
from marketing_mart.erasure import erasing
from marketing_mart.erasure.released import erase_from
def killed_at_the_second(release, *more, done=[]):
    if done:
        os.kill(os.getpid(), signal.SIGKILL)
    done.append(erase_from(release, *more))
erasing.erase_from = killed_at_the_second
erasure.erase(world.config_of(Path(sys.argv[1])), world.PRIVACY, erasure.Asked(email=world.EMAIL))
"""


@pytest.fixture(scope="module")
def before(tmp_path_factory) -> Path:
    return own_copy(tmp_path_factory, "erasure", world.fill)


@pytest.fixture(scope="module")
def killed(tmp_path_factory, before) -> int:
    """How the process ended that was killed in the middle; its home is what `erased` finishes."""
    home = own_copy(tmp_path_factory, "erasure", world.fill)
    path = os.pathsep.join(str(ROOT / name) for name in ("tests", "plugins", ""))
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(home)],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-3000:]
    return home


@pytest.fixture(scope="module")
def erased(killed) -> Path:
    """Killed in between, and finished by the next run's beginning."""
    half = sum(any(word in text for word in TRACES) for text in everything(killed))
    assert half > 0, "the kill came too late to test anything"
    erasure.finish(world.config_of(killed))
    return killed


def everything(home: Path) -> list[str]:
    """All that a MART_HOME holds, as texts, read by nothing of the erasure's own."""
    texts = []
    for path in sorted(home.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        if path.suffix == ".parquet":
            texts += [str(row) for row in pq.ParquetFile(path).read().to_pylist()]
        elif path.suffix == ".duckdb":
            texts += [f"{name} {rows}" for name, rows in tables(path).items()]
        elif path.suffix == ".db":
            with sqlite3.connect(path) as db:
                texts += list(db.iterdump())
        texts.append(path.read_bytes().decode("latin-1"))
    assert len(texts) > 100
    return texts


def tables(database: Path) -> dict[str, list[tuple]]:
    with attached(database) as connection:
        connection.execute("set timezone = 'UTC'")
        names = connection.execute("select table_name from information_schema.tables where table_schema = 'mart'")
        return {name: sorted(connection.execute(f'from "{name}"').fetchall(), key=repr) for (name,) in names.fetchall()}


def releases(home: Path) -> list[Release]:
    found = publishing.releases(home)
    assert len(found) == 2
    return found


def landed(home: Path, label: str) -> list[dict]:
    """Every row of every version."""
    loads = [load for load in Landing(home).loads(world.stream(label)) if load.path]
    return [row for path in {load.path for load in loads} for row in pq.read_table(home / "landing" / path).to_pylist()]


def test_nothing_of_the_person_is_left_in_any_file(before, erased):
    assert all(any(word in text for text in everything(before)) for word in TRACES if not word.endswith("@"))
    assert [word for word in TRACES for text in everything(erased) if word in text] == []
    contacts = {row["contact_id"] for row in landed(erased, "hubspot/contacts")}
    assert "10002" in contacts and "10001" not in contacts and len(contacts) == 2


def test_who_was_not_asked_for_stays(before, erased):
    bobs = PRIVACY.email("bob@example.com")
    for label in world.LABELS:
        was, now = ([row for row in landed(home, label) if bobs in row.values()] for home in (before, erased))
        assert sorted(map(repr, was)) == sorted(map(repr, now))
    visits = {row["session_id"]: row["visitor_id"] for row in landed(erased, "files/sessions")}
    assert visits["s3"] == visits["s4"] == "till"  # a device of several persons is nobody's
    notes = {row["order_id"]: row["_extra"] for row in landed(erased, "shopify/orders")}
    assert notes == {"501": None, "502": '{"note": "for Bob"}'}
    deals = landed(erased, "hubspot/deals")
    assert [(deal["deal_id"], deal["contact_ids"][1]) for deal in deals] == [("10001", "10002")]


def test_every_number_of_every_release_stays(before, erased):
    for was, now in zip(releases(before), releases(erased), strict=True):
        old, new = tables(was.database), tables(now.database)
        assert old.keys() == new.keys()
        for name, rows in old.items():
            if name.startswith("kpi_") or name == "dim_date":
                assert rows == new[name], name
            assert len(rows) == len(new[name])
        assert sum(row[0] for row in _asked(now, "select orders from kpi_daily")) == 4
        assert now.bytes == now.database.stat().st_size
        assert not now.database.stat().st_mode & 0o222
        assert _asked(was, "select count(distinct person_id) from fct_orders") == _asked(
            now, "select count(distinct person_id) from fct_orders"
        )


def _asked(release: Release, query: str) -> list[tuple]:
    with attached(release.database) as connection:
        return connection.execute(query).fetchall()


def test_a_mart_built_anew_is_the_one_that_was_erased_from(erased):
    """To the last id: tokens stand in the order of what they replaced, so the person's id is made of the same one."""
    config = world.config_of(erased)
    run_id = Registry(erased).begin_run(world.DAY, kpi_start=world.KPI_START, demo=True).run_id
    first = tables(releases(erased)[0].database)
    built = tables(world.build(config, run_id).database)
    (erased / "releases" / run_id).rename(erased.parent / run_id)  # the other tests know two
    publishing.repair(erased)
    assert built.keys() == first.keys()
    assert {name for name in built if built[name] != first[name]} == {"told"}  # of what was told of the run


def test_what_the_source_still_sends_lands_as_it_now_is(erased):
    landing, registry = Landing(erased), Registry(erased)
    run_id = registry.begin_run(world.DAY, kpi_start=world.KPI_START, demo=True).run_id
    for label in world.LABELS:
        sent = world.pages(label, later=True)
        pages = list(suppressed(erased, PRIVACY, world.stream(label), sent))
        assert world.land(landing, run_id, label, pages) == 0, label
        assert pages[0].table.num_rows == sent[0].table.num_rows
        assert pages != sent  # she stands in each of these streams


def test_the_record_tells_what_was_done_and_not_of_whom(erased):
    run = next(run for run in Registry(erased).history(20) if run.outcome == "erased")
    (stage,) = Registry(erased).stages(run.run_id)
    assert stage.detail["left"] == 0 and stage.detail["searched"] > 50 and stage.detail["identifiers"] == 10
    assert not (erased / "erasure" / "journal.json").exists()


def test_a_second_erasure_finds_nothing_more_to_do(tmp_path_factory, erased):
    config = world.config_of(erased)
    files = sorted(path for path in (erased / "releases").rglob("*") if path.is_file())
    done = erasure.erase(config, PRIVACY, HERS)
    assert not done.rows and not any(done.releases.values()) and not done.left
    assert sorted(path for path in (erased / "releases").rglob("*") if path.is_file()) == files


def test_nobody_is_erased_while_a_run_is_under_way(tmp_path):
    config = world.config_of(tmp_path / "home")
    registry = Registry(config.home)
    run_id = registry.begin_run(world.DAY, kpi_start=None, demo=True).run_id
    with (
        registry.stage(run_id, "extract shopify"),
        pytest.raises(ErasureError, match=r"extract shopify of .* under way"),
    ):
        erasure.erase(config, PRIVACY, HERS)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (erasure.Asked(), "nobody is named"),
        (erasure.Asked(email="anna"), "EMAIL is none"),
        (erasure.Asked(person="0"), "no person"),
    ],
)
def test_who_can_t_be_told_is_an_error(tmp_path, asked, told):
    with pytest.raises(ErasureError, match=told):
        erasure.erase(world.config_of(tmp_path / "home"), PRIVACY, asked)


def test_the_inbox_is_told_of_and_left_alone(tmp_path):
    config = world.config_of(tmp_path / "home")
    config.inbox.mkdir(parents=True)
    text = f"order_id,email\n1,{EMAIL}\n2,bob@example.com\n3,anna.smith+news@EXAMPLE.com\n"
    (config.inbox / "orders.csv").write_text(text)
    done = erasure.erase(config, PRIVACY, HERS)
    assert done.inbox == {str(config.inbox / "orders.csv"): 2}
    assert (config.inbox / "orders.csv").read_text() == text


def test_the_list_is_of_no_use_with_another_key(tmp_path):
    config = world.config_of(tmp_path / "home")
    erasure.erase(config, PRIVACY, HERS)
    assert PRIVACY.email(EMAIL) not in (config.home / "erasure" / "suppressed.json").read_text()
    orders = world.stream("files/orders")
    with pytest.raises(ConfigError, match="another key"):
        list(suppressed(config.home, Privacy(b"another"), orders, world.pages("files/orders")))


def test_a_read_during_which_somebody_was_erased_does_not_land(tmp_path):
    config = world.config_of(tmp_path / "home")
    orders = world.stream("files/orders")
    reading = suppressed(config.home, PRIVACY, orders, world.pages("files/orders"))
    next(reading)
    erasure.erase(config, PRIVACY, HERS)
    with pytest.raises(LandingError, match="erased while"):
        next(reading)


def test_the_daily_run_s_reading_goes_by_the_list(tmp_path):
    config = world.config_of(tmp_path / "home")
    erasure.erase(config, PRIVACY, HERS)
    config.inbox.mkdir(parents=True)
    orders = f"1,2025-06-01,USD,5,{EMAIL}\n2,2025-06-01,USD,5,bob@example.com\n"
    (config.inbox / "orders.csv").write_text(f"order_id,ordered_at,currency,net_amount,email\n{orders}")
    run = Registry(config.home).begin_run(world.DAY, kpi_start=world.KPI_START, demo=True)
    land_streams(config, run, "files", Access("files", ""), PRIVACY, {})
    hashes = {row["order_id"]: row["email_hash"] for row in landed(config.home, "files/orders")}
    assert TOKEN.fullmatch(hashes["1"]) and hashes["2"] == PRIVACY.email("bob@example.com")


def test_a_find_after_the_erasure_is_an_error_and_keeps_the_journal(tmp_path, monkeypatch, caplog):
    config = world.config_of(tmp_path / "home")
    (config.home / "logs").mkdir(parents=True)
    (config.home / "logs" / "old.bin").write_bytes(b"\0\1 anna.smith@example.com")
    with pytest.raises(ErasureError, match=r"logs/old\.bin: 1"):
        erasure.erase(config, PRIVACY, HERS)
    for name, value in {"HOME": config.home, "CONFIG": config.config_path, "DATE": world.DAY}.items():
        monkeypatch.setenv(f"MART_{name}", str(value))
    assert pipeline.start(None, {})  # which nothing but the search keeps from its end
    assert (config.home / "erasure" / "journal.json").exists()
    assert "logs/old.bin: 1" in caplog.text
    (config.home / "logs" / "old.bin").unlink()
    pipeline.start(None, {})  # the next run finishes what was left
    assert not (config.home / "erasure" / "journal.json").exists()


def test_a_short_number_is_a_persons_only_beside_its_name():
    marks = marks_of(fresh_tokens(["contact:hubspot:10001", f"customer:{CUSTOMER}"]), ())
    text, found = marks.replaced(
        f'10001 rows; contact_id=10001; {{"contact_id": "10001"}} contact:hubspot:10001 {CUSTOMER}'
    )
    assert found == 4 and text.startswith("10001 rows; contact_id=erased-") and CUSTOMER not in text


def test_tokens_keep_the_order_of_what_they_replace():
    names = [f"customer:{n}" for n in range(20)] + ["email:a", f"click:{CLICK}"]
    tokens = fresh_tokens(names)
    assert all(TOKEN.fullmatch(new.split(":")[-1]) for new in tokens.new.values())
    assert sorted(tokens.new, key=tokens.new.get) == sorted(names)
    assert tokens.person_ids[digest("customer:0")] == digest(tokens.new["customer:0"])
    assert fresh_tokens(tokens.new.values()).new == {}
