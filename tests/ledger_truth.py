"""Holds a release against the simulator's ledger: what differs, row by row."""

import csv
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb

Totals = Mapping[tuple, Decimal]

# metric -> (fact query giving date_day, source, currency, value; additive over channels)
FACTS = {
    "impressions": "select date_day, source, '' as currency, sum(impressions) from fct_ad_performance group by all",
    "clicks": "select date_day, source, '' as currency, sum(clicks) from fct_ad_performance group by all",
    "spend": "select date_day, source, currency, sum(spend_local) from fct_ad_performance group by all",
    "sessions": "select date_day, source, '' as currency, count(*) from fct_sessions where is_counted group by all",
    "orders": "select date_day, source, '' as currency, count(*) from fct_orders where not is_credit_note group by all",
    "net_revenue": "select date_day, source, currency, sum(net_amount_local) from fct_orders group by all",
    "new_customers": "select date_day, source, '', count(*) from fct_orders where is_first_order group by all",
    "leads": "select lead_day, source, '', count(*) from fct_contacts where lead_day is not null group by all",
    "mqls": "select mql_day, source, '', count(*) from fct_contacts where mql_day is not null group by all",
    "sqls": "select sql_day, source, '', count(*) from fct_contacts where sql_day is not null group by all",
    "opportunities": "select date_day, source, '', count(*) from fct_deals group by all",
    "won_deals": "select closed_day, source, '', count(*) from fct_deals where is_won group by all",
}
MONEY = ("spend", "net_revenue")


def read_ledger(path: Path) -> list[dict]:
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows, "an empty ledger proves nothing"
    for row in rows:
        row["date_day"] = date.fromisoformat(row["date_day"])
        row["value"] = Decimal(row["value"])
    return rows


class Rates:
    """Rates to a reporting currency, read from the exported fx_rates.csv (EUR to each currency, working days)."""

    def __init__(self, path: Path, to: str = "USD") -> None:
        self.to, self.published = to, defaultdict(dict)
        with path.open(newline="") as stream:
            for row in csv.DictReader(stream):
                assert row["from_currency"] == "EUR"
                self.published[row["to_currency"]][date.fromisoformat(row["date_day"])] = Decimal(row["rate"])

    def __call__(self, day: date, currency: str) -> Decimal:
        return self._from_euro(day, self.to) / self._from_euro(day, currency)

    def _from_euro(self, day: date, currency: str) -> Decimal:
        if currency == "EUR":
            return Decimal(1)
        days = self.published[currency]
        return next(days[day - timedelta(n)] for n in range(8) if day - timedelta(n) in days)


def differences(
    mart: duckdb.DuckDBPyConnection, ledger: list[dict], rates: Rates, first: date, last: date
) -> list[str]:
    """Every metric of the ledger against fct_*, kpi_channel_daily and kpi_daily, to the cent and the row."""
    rows = [row for row in ledger if first <= row["date_day"] <= last]
    found: list[str] = []
    for metric, query in FACTS.items():
        truth: dict[tuple, Decimal] = defaultdict(Decimal)
        for row in rows:
            if row["metric"] == metric:
                truth[row["date_day"], row["source"], row["currency"]] += row["value"]
        facts = {
            (day, source, currency): Decimal(value)
            for day, source, currency, value in mart.execute(query).fetchall()
            if day and first <= day <= last
        }
        assert truth, f"the ledger has no {metric}"
        found += _differ(f"fct {metric}", truth, facts)
        by_channel: dict[tuple, Decimal] = defaultdict(Decimal)
        by_day: dict[tuple, Decimal] = defaultdict(Decimal)
        for row in rows:
            if row["metric"] == metric:
                value = row["value"]
                if metric in MONEY:
                    value *= rates(row["date_day"], row["currency"])
                by_channel[row["date_day"], row["channel"]] += value
                by_day[row["date_day"],] += value
        found += _differ(
            f"kpi_channel_daily {metric}", by_channel, _kpi(mart, "kpi_channel_daily", metric, first, last)
        )
        if metric in ("spend", "net_revenue", "orders", "new_customers", "leads", "won_deals"):
            found += _differ(f"kpi_daily {metric}", by_day, _kpi(mart, "kpi_daily", metric, first, last))
    return found


def _kpi(mart: duckdb.DuckDBPyConnection, table: str, metric: str, first: date, last: date) -> Totals:
    keys = "date_day, channel" if table == "kpi_channel_daily" else "date_day"
    rows = mart.execute(
        f"select {keys}, {metric} from {table} where date_day between ? and ?", [first, last]
    ).fetchall()
    return {tuple(row[:-1]): Decimal(row[-1] or 0) for row in rows}


def _differ(what: str, truth: Totals, mart: Totals) -> list[str]:
    """Differences of half a cent or more; both sides' zeros may be absent."""
    return [
        f"{what} {key}: truth {truth.get(key, 0)}, mart {mart.get(key, 0)}"
        for key in sorted(set(truth) | set(mart), key=str)
        if abs(truth.get(key, Decimal()) - mart.get(key, Decimal())) >= Decimal("0.005")
    ]
