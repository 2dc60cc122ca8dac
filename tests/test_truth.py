"""The truth test: four days through the real DAG against the simulator's ledger, to the cent and the row."""

import re
import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from dag_runs import ROOT, control, differing_tables, killed, ledger, mart, published, simulator
from ledger_truth import Rates, differences, read_ledger

from marketing_mart import publishing
from marketing_mart.registry import Registry

pytestmark = pytest.mark.slow

# A campaign is renamed on the third day; clocks go forward within the look-back.
DAYS = ("2025-04-08", "2025-04-09", "2025-04-10", "2025-04-11")
START = "2025-01-09"  # 90 days to the first


@pytest.fixture(scope="module")
def world():
    with simulator(DAYS[0]) as url:
        yield url


@pytest.fixture(scope="module")
def four_days(world, tmp_path_factory) -> Path:
    """Each day loaded as it came, its release copied away; returns the folder of homes."""
    homes = tmp_path_factory.mktemp("homes")
    for day in DAYS:
        control(world, "clock", {"as_of": day})
        printed = published(homes / "daily", MART_DATE=day, MART_SIMULATOR_URL=world)
        assert f"published release {day}" in printed
        shutil.copytree(homes / "daily", homes / day, symlinks=True, ignore=shutil.ignore_patterns("airflow"))
    return homes


@pytest.fixture(scope="module")
def ledgers(tmp_path_factory) -> dict[str, list[dict]]:
    """The true totals as of each day."""
    folder = tmp_path_factory.mktemp("ledgers")
    return {day: read_ledger(ledger(day, folder / f"{day}.csv")) for day in DAYS}


@pytest.mark.parametrize("day", DAYS)
def test_every_metric_of_the_ledger_equals_facts_and_kpis(four_days, ledgers, day):
    rates = Rates(four_days / day / "inbox" / "fx_rates.csv")
    with publishing.open_current(four_days / day) as release:
        found = differences(release, ledgers[day], rates, date.fromisoformat(START), date.fromisoformat(day))
    assert not found, f"{len(found)} differences\n" + "\n".join(found[:20])


def test_a_wrong_mart_would_be_seen(four_days, ledgers):
    truth = [dict(row) for row in ledgers[DAYS[0]]]
    changed = next(row for row in truth if row["metric"] == "spend" and row["date_day"] == date(2025, 3, 5))
    changed["value"] += 1
    rates = Rates(four_days / DAYS[0] / "inbox" / "fx_rates.csv")
    with publishing.open_current(four_days / DAYS[0]) as release:
        found = differences(release, truth, rates, date.fromisoformat(START), date.fromisoformat(DAYS[0]))
    assert len(found) == 3  # the fact, the channel's day, the day


def test_numbers_were_restated_in_between(ledgers):
    """Otherwise the four days would prove little."""
    told = [ledgers[day] for day in (DAYS[0], DAYS[3])]
    clicks, revenue = (
        [sum(r["value"] for r in rows if r["metric"] == m and r["date_day"] <= date(2025, 4, 8)) for rows in told]
        for m in ("clicks", "net_revenue")
    )
    assert clicks[0] != clicks[1]
    assert revenue[0] != revenue[1]


def test_the_release_tells_every_run_up_to_its_own(four_days):
    columns = "date_day, outcome, release_id, is_demo, sources_read, rows_landed > 0, checks > 100, seconds > 0"
    with publishing.open_current(four_days / DAYS[3]) as release:
        *before, own = release.execute(f"select {columns} from mart.mart_runs order by started_at").fetchall()
    runs = [run for run in reversed(Registry(four_days / DAYS[3]).history()) if run.outcome == "published"]
    assert [str(row[0]) for row in (*before, own)] == list(DAYS)
    assert [row[2] for row in (*before, own)] == [run.release_id for run in runs]
    told = ("published", True, "files, google_ads, hubspot, meta_ads, shopify", True, True)
    assert {(row[1], *row[3:7]) for row in (*before, own)} == {told}
    assert [row[7] for row in (*before, own)] == [True, True, True, None]


def test_history_tells_a_run_in_detail(four_days):
    run = Registry(four_days / DAYS[3]).history(1)[0]
    told = mart(four_days / DAYS[3], "history", "--run", run.run_id).stdout
    for stage in ("extract shopify", "check_landed", "build", "check_mart", "publish", "account_insights", "model."):
        assert stage in told


def test_the_comparison_of_marts_sees_a_day_more(four_days):
    told = {found.partition(":")[0] for found in differing_tables(four_days / DAYS[2], four_days / DAYS[3])}
    assert {"fct_orders", "fct_ad_performance", "dim_customer", "kpi_daily"} <= told


def test_the_same_four_days_in_one_go_give_the_same_tables(world, four_days):
    control(world, "clock", {"as_of": DAYS[3]})
    published(four_days / "once", MART_DATE=DAYS[3], MART_START=START, MART_SIMULATOR_URL=world)
    assert differing_tables(four_days / "daily", four_days / "once") == []


def test_the_same_day_again_changes_nothing_and_says_so(world, four_days):
    control(world, "clock", {"as_of": DAYS[3]})
    before = publishing.current(four_days / "daily").release_id
    printed = published(four_days / "daily", MART_DATE=DAYS[3], MART_SIMULATOR_URL=world)
    assert "nothing changed" in printed
    assert publishing.current(four_days / "daily").release_id == before


def test_a_run_killed_anywhere_leaves_no_trace_in_the_next_release(world, four_days):
    control(world, "clock", {"as_of": DAYS[3]})
    home, told = four_days / "killed", {"MART_DATE": DAYS[3], "MART_START": START, "MART_SIMULATOR_URL": world}
    for stage in ("extract", "build", "publish"):
        killed(home, stage, **told)
        served = publishing.current(home)
        assert served is None or stage == "publish"
    published(home, **told)
    outcomes = [run.outcome for run in Registry(home).history()]
    assert outcomes[0] in ("published", "unchanged")
    assert outcomes.count("died") >= 2
    assert differing_tables(four_days / "daily", home) == []


def test_rollback_serves_the_day_before(four_days):
    done = mart(four_days / "daily", "rollback")
    assert done.returncode == 0
    assert publishing.current(four_days / "daily").day == date.fromisoformat(DAYS[2])


def test_airflow_backfills_the_days_that_have_not_succeeded_newest_first(four_days):
    told = ("--from", "2025-04-06", "--to", "2025-04-10")
    dry = mart(four_days / "daily", "backfill", *told, "--dry-run")
    assert dry.returncode == 0, dry.stderr
    expected = ["2025-04-07", "2025-04-06"]  # the others were run above
    assert re.findall(r"(\d{4}-\d\d-\d\d) 03:00:00", dry.stdout) == expected
    assert mart(four_days / "daily", "backfill", *told).returncode == 0
    with closing(sqlite3.connect(four_days / "daily" / "airflow" / "airflow.db")) as db:
        made = "select substr(logical_date, 1, 10), state from dag_run where run_type = 'backfill' order by id"
        assert db.execute(made).fetchall() == [(day, "queued") for day in expected]
    again = mart(four_days / "daily", "backfill", *told)
    assert again.returncode == 1
    assert "Another backfill is running" in again.stderr


def test_history_and_sql_answer(four_days):
    assert "published" in mart(four_days / "daily", "history").stdout
    asked = mart(four_days / "daily", "sql", "--query", "select count(*) as days from mart.kpi_daily")
    assert asked.returncode == 0
    assert "days" in asked.stdout


def test_the_readmes_ten_queries_answer(four_days):
    queries = re.findall(r"```sql\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    assert len(queries) == 10
    with publishing.open_current(four_days / DAYS[3]) as release:
        for query in queries:
            assert release.execute(query).fetchall(), query
