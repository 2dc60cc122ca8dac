"""The bench itself: its subjects run and tell what the contract asks for. Nothing here depends on how long it takes."""

import json
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest

from bench import attribution, build, child, extract, gates, identity, pages, report
from bench.sizes import SIZES, Size
from bench.world import World, land_day, land_history
from marketing_mart.landing import Landing

ROOT = Path(__file__).resolve().parents[1]
CONTRACT = {
    "extract": {"rows_per_s", "times_dlt", "share_of_bare_loop", "peak_mib_1m", "peak_mib_10m"},
    "build": {"seconds", "rows", "times_bare_duckdb", "next_day_share", "peak_gib"},
    "gates": {"share_of_build", "peak_gib"},
    "machine": {"cores", "memory_gib", "python", "duckdb", "dbt", "date", "size"},
}
NOT_IN_SMALL = {"peak_mib_10m"}
TINY = Size(
    "tiny", Fraction(1, 20_000), date(2025, 6, 1), date(2025, 6, 30), 1, 400, 1, (200,), rows_per_page=100
)  # fmt: skip


@pytest.fixture(scope="module")
def world() -> World:
    return World.of(TINY)


def landed(world: World, home: Path) -> Landing:
    land_history(world, home)
    return Landing(home)


def rows_that_count(landing: Landing, world: World, stream: str) -> list[tuple]:
    with duckdb.connect() as connection:
        return connection.execute(landing.views(world.streams_on)[stream]).fetchall()


@pytest.mark.parametrize("subject", CONTRACT)
def test_the_committed_small_results_have_the_contracts_keys(subject):
    section = json.loads((ROOT / "bench" / "results-small.json").read_text())[subject]
    assert set(section) >= CONTRACT[subject]
    for name in CONTRACT[subject]:
        if name in NOT_IN_SMALL:
            assert section[name] is None, "small does not read 10 million rows, so it must not tell what they take"
        else:
            assert section[name], name


def test_the_small_results_were_measured_with_every_gate_green():
    assert json.loads((ROOT / "bench" / "results-small.json").read_text())["gates"]["red"] == []


@pytest.mark.parametrize("file", ["results.json", "results-small.json"])
def test_the_committed_readers_saw_no_error_no_mix_and_no_wait_that_a_person_would_notice(file):
    told = json.loads((ROOT / "bench" / file).read_text())["readers"]
    assert (told["releases"], told["readers"]) == (200, 16)
    assert told["queries"] > 1_000 and told["errors"] == told["mixed"] == 0
    assert 0 <= told["max_wait_ms_caused"] < 100


def test_the_full_world_is_the_one_that_was_promised():
    world = World.of(SIZES["full"])
    assert world.days == 1096
    totals = (world.ads_per_day * world.days, world.orders_per_day * world.days, world.sessions_per_day * world.days)
    assert totals == pytest.approx((20_000_000, 5_000_000, 60_000_000), rel=0.001)


def test_the_same_seed_gives_the_same_world_and_another_seed_another(world, tmp_path):
    first, second = landed(world, tmp_path / "1"), landed(world, tmp_path / "2")
    other = landed(replace(world, seed=8), tmp_path / "3")
    assert first.fingerprint(world.streams_on) == second.fingerprint(world.streams_on)
    assert first.fingerprint(world.streams_on) != other.fingerprint(world.streams_on)


def test_every_stream_of_the_world_has_rows(world, tmp_path):
    landing = landed(world, tmp_path)
    assert len(world.streams_on) == 15
    assert all(sum(load.rows for load in landing.loads(stream)) for stream in world.streams_on)


def test_a_following_day_restates_the_last_days_and_adds_orders(world, tmp_path):
    landing = landed(world, tmp_path)
    orders = len(rows_that_count(landing, world, "shopify__orders"))
    land_day(world, tmp_path, world.last_day + timedelta(days=1))
    ads = next(stream for stream in world.streams_on if stream.label == "google_ads/ad_performance")
    again = {load.day for load in landing.loads(ads) if load.version > 1}
    assert again == {world.last_day - timedelta(days=age) for age in range(3)}
    assert len(rows_that_count(landing, world, "shopify__orders")) > orders


def test_the_parts_of_a_campaign_and_an_account_add_up(world, tmp_path):
    landing = landed(world, tmp_path)
    views = landing.views(world.streams_on)
    with duckdb.connect() as connection:
        cost = {
            level: connection.execute(f"select sum(cost_micros) from ({views[f'google_ads__{level}']})").fetchone()[0]
            for level in ("ad_performance", "campaign_performance", "account_performance")
        }
    assert 0 < cost["ad_performance"] < cost["campaign_performance"] == cost["account_performance"]


def test_a_page_is_one_day_and_the_last_has_no_next():
    served = pages.Pages(rows_per_page=3)
    query = {"query": f"… BETWEEN '{pages.FIRST_DAY}' AND '{pages.FIRST_DAY + timedelta(days=1)}'"}
    first = json.loads(served.answer(json.dumps(query).encode()))
    last = json.loads(served.answer(json.dumps(query | {"pageToken": first["nextPageToken"]}).encode()))
    assert [row["segments"]["date"] for row in first["results"] + last["results"]] == ["2020-01-01"] * 3 + [
        "2020-01-02"
    ] * 3
    assert "nextPageToken" not in last
    assert last["totalResultsCount"] == "6"


def test_extract_is_measured_through_the_connector_a_bare_loop_and_dlt(tmp_path):
    told = extract.measure(TINY, tmp_path)
    assert told["rows_per_s"] > 0 and told["bare_loop_rows_per_s"] > 0 and told["dlt_rows_per_s"] > 0
    assert told["peaks"] == [{"rows": 200, "peak_mib": told["peaks"][0]["peak_mib"]}]
    assert told["peaks"][0]["peak_mib"] > 0
    assert told["peak_mib_1m"] is None and told["peak_mib_10m"] is None


def test_identity_is_measured_on_as_many_identifiers_as_asked_for(tmp_path):
    told = identity.measure(replace(TINY, identifiers=10_000), tmp_path)
    assert told["identifiers"] == pytest.approx(10_000, rel=0.05)
    assert 3_000 < told["persons"] < 3_300 and told["links"] > 6_000
    assert min(told["seconds"], told["peak_gib"]) > 0


def test_a_read_that_misses_rows_is_no_measurement(tmp_path):
    with pages.serving(100) as url, pytest.raises(SystemExit, match="200 rows instead of 300"):
        child.run("bench.extract:bare", tmp_path, url=url, pages=2, rows=300, folder=tmp_path)


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> tuple[Path, dict]:
    """The folder that the measurement of a build leaves, and what it told."""
    work = tmp_path_factory.mktemp("built")
    return work, build.measure(TINY, work)


def test_build_and_gates_are_measured_on_one_world(built):
    work, told = built
    assert told["rows"] > told["ad_rows"] + told["orders"] + told["sessions"] > 0
    assert min(told["seconds"], told["bare_duckdb_seconds"], told["next_day_seconds"], told["peak_gib"]) > 0
    assert told["slowest"]
    checked = gates.measure(TINY, work, told["seconds"])
    assert checked["red"] == []
    assert checked["checks"]["landed"] > 50 and checked["checks"]["mart"] > 20
    assert min(checked["share_of_build"], checked["peak_gib"], checked["alerts_seconds"]) > 0


def test_the_bare_run_makes_the_tables_that_dbt_makes(built):
    work, _ = built
    with duckdb.connect() as connection:
        connection.execute(f"attach '{work / 'first' / 'mart.duckdb'}' as by_dbt (read_only)")
        connection.execute(f"attach '{work / 'bare' / 'mart.duckdb'}' as bare (read_only)")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'by_dbt' order by all"
        ).fetchall()
        assert len(tables) > 40
        for schema, table in tables:
            ours, theirs = f"select * from bare.{schema}.{table}", f"select * from by_dbt.{schema}.{table}"
            differing = f"({ours} except all {theirs}) union all ({theirs} except all {ours})"
            assert connection.execute(f"select count(*) from ({differing})").fetchone() == (0,), table


def test_attribution_is_measured_on_touches_and_conversions_of_its_own(tmp_path):
    told = attribution.measure(TINY, tmp_path)
    assert (told["touches"], told["conversions"]) == (3_000, 300)
    assert told["credits"] > 250  # each conversion but the 25 origins has a row at least
    assert set(told["models"]) == set(attribution.MODELS)
    assert told["seconds"] > 0 and told["peak_gib"] > 0


def test_the_printed_table_has_every_number(capsys):
    report.told("gates", {"share_of_build": 0.15, "seconds": 1234.5, "missing": None, "checks": {"mart": 3}, "red": []})
    printed = capsys.readouterr().out
    for part in ("gates", "share_of_build", "0.15", "1,234.5", "not measured", "checks: mart", "none"):
        assert part in printed
