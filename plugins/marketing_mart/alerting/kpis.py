"""KPIs out of their range and budgets that will not hold, as `kpi_alerts` of a release tells them."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from marketing_mart.alerting.alert import Alert, one_line

# What `of_kpis` reads of a release, with the day as its parameter.
QUERY = """
    select rule, kind, kpi, channel, campaign_id, value, expected, low, high, severity, owner
    from kpi_alerts
    where date_day = ?
    order by rule
"""
SEVERITY = {"red": "error", "yellow": "warning"}
MONEY = ("spend", "net_revenue", "cac", "cpa", "cpl", "cpc")


def of_kpis(
    rows: Iterable[Mapping[str, Any]], *, day: date, run_id: str, currency: str, page: str, demo: bool
) -> list[Alert]:
    """Red is an error, yellow a warning; each goes to its rule's owner."""
    return [_alert(row, day, run_id, currency, page, demo) for row in rows if row["severity"] in SEVERITY]


def identity_of(rule: str) -> str:
    return f"kpi:{rule}"


def _alert(row: Mapping[str, Any], day: date, run_id: str, currency: str, page: str, demo: bool) -> Alert:
    unit = f" {currency}" if row["kpi"] in MONEY else ""
    if row["kind"] == "budget":
        where = row["channel"] + ("" if row["campaign_id"] == "(all)" else f", campaign {row['campaign_id']}")
        over = row["value"] / row["expected"] - 1 if row["expected"] else None
        title = f"budget of {where} will not hold"
        expected = f"at most {number(row['expected'])}{unit} in the month"
        actual = f"{number(row['value'])}{unit} at month end" + ("" if over is None else f", {over:.0%} over plan")
        table = "kpi_budget_pacing"
    else:
        where = "" if row["channel"] == "(all)" else f" of {row['channel']}"
        title = f"{row['kpi']}{where} is out of its range"
        expected = f"{number(row['low'])} to {number(row['high'])}{unit}, usually {number(row['expected'])}"
        actual = f"{number(row['value'])}{unit}"
        table = "kpi_channel_daily"
    return Alert(
        severity=SEVERITY[row["severity"]],
        title=one_line(f"{row['severity']}: {title}"),
        day=day,
        run_id=run_id,
        expected=expected,
        actual=actual,
        detail=f"rule {row['rule']}",
        owner=row["owner"],
        next_step=f"make sql Q=\"select * from {table} where date_day = '{day}'\"",
        link=page,
        demo=demo,
        identity=identity_of(row["rule"]),
    )


def number(value: float | None) -> str:
    """Three digits are enough to be alarmed; large ones whole: `0.0312`, `48.1`, `12,346`."""
    if value is None:
        return "unknown"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
