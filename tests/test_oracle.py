"""Each KPI table against a second, slow reading of the same landed rows (tests/oracle), every row and column of it."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest
from dag_runs import ledger
from ledger_truth import read_ledger
from oracle import kpi_daily
from oracle.compare import differences
from oracle.money import rate
from oracle.tables import NEAR, ORACLES
from oracle_home import DAY, built_home

from marketing_mart.tables import MART_TABLES

# Every table of KPIs, and what else is worked out rather than copied.
RECOMPUTED = [name for name in MART_TABLES if name.startswith("kpi_")] + ["fct_restatements", "ltv_model"]
KNOWN = ("spend", "impressions", "clicks", "sessions", "orders", "net_revenue", "new_customers", "leads", "won_deals")
CENT = Decimal("0.005")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return built_home(tmp_path_factory.mktemp("home"))


@pytest.mark.parametrize("table", RECOMPUTED)
def test_a_table_is_what_a_second_reading_of_the_landed_rows_says(home, table):
    assert table in ORACLES, f"tests/oracle recomputes no {table}"
    keys, work = ORACLES[table]
    expected = work(home.world)
    assert expected, f"the world has nothing for {table}: it proves nothing"
    found = differences(table, keys, expected, home.table(table), NEAR.get(table, {}))
    assert not found, "\n" + "\n".join(found)


def test_the_second_reading_finds_the_totals_that_the_world_was_made_with(home, tmp_path):
    """Two readings could be wrong alike; the simulator's ledger knows the totals without any landing."""
    first, last = home.world.asked.first, home.world.asked.last
    truth: dict[str, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in read_ledger(ledger(DAY, tmp_path / "ledger.csv")):
        if first <= row["date_day"] <= last:
            factor = rate(home.world, row["currency"], row["date_day"]) if row["currency"] else 1
            truth[row["metric"]][row["date_day"]] += row["value"] * factor
    days = kpi_daily.kpi_daily(home.world)
    for metric in KNOWN:
        assert sum(truth[metric].values()), metric
        found = {
            day["date_day"]: day[metric] for day in days if abs(day[metric] - truth[metric][day["date_day"]]) >= CENT
        }
        assert not found, f"{metric}: {found}"


CHANGES = {
    "a cent less": lambda rows: [*rows[:-1], rows[-1] | {"spend": rows[-1]["spend"] - Decimal("0.01")}],
    "a ratio averaged": lambda rows: [*rows[:-1], rows[-1] | {"cac": rows[-1]["cac"] * (1 + 1e-11)}],
    "null for 0": lambda rows: [*rows[:-1], rows[-1] | {"leads": None}],
    "a row too few": lambda rows: rows[:-1],
    "a row too much": lambda rows: [*rows, rows[-1] | {"date_day": date(2030, 1, 1)}],
    "a column too much": lambda rows: [row | {"more": 1} for row in rows],
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_wrong_table_is_told_by_table_key_and_column(change):
    rows = [
        {"date_day": date(2025, 6, n), "spend": Decimal(n), "cac": n / 7, "leads": 0 if n == 3 else n}
        for n in (1, 2, 3)
    ]
    assert differences("kpi_daily", ("date_day",), rows, rows) == []
    told = differences("kpi_daily", ("date_day",), rows, CHANGES[change](rows))
    assert len(told) == 1
    assert told[0].startswith("kpi_daily")


def test_many_differences_are_ten_lines():
    rows = [{"date_day": date(2025, 6, n), "spend": Decimal(n)} for n in range(1, 31)]
    told = differences("kpi_daily", ("date_day",), rows, [row | {"spend": Decimal(0)} for row in rows])
    assert len(told) == 10
    assert told[0] == "kpi_daily date_day=2025-06-01 spend: expected 1, found 0"
    assert told[-1] == "kpi_daily: 21 more differences"
