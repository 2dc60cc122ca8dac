"""The figures of the page and of the printed table, read from one release.

Ratios are recomputed from the sums of whatever is shown: nothing here averages a ratio. Amounts stay decimal;
`display` rounds them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

import duckdb

Row = Mapping[str, Any]
Unit = Literal["money", "price", "count", "times", "share"]
Better = Literal["higher", "lower", "neither"]


@dataclass(frozen=True)
class Kpi:
    """`over` and `under`: the sums it is made of; no `under`: it is a sum itself."""

    name: str
    label: str
    unit: Unit
    better: Better
    over: tuple[str, ...]
    under: tuple[str, ...] = ()
    meaning: str = ""

    def of(self, sums: Mapping[str, Decimal | None]) -> Decimal | None:
        """None where a part is unknown or the divisor is zero."""
        over = _plus(sums.get(name) for name in self.over)
        if not self.under or over is None:
            return over
        under = _plus(sums.get(name) for name in self.under)
        return over / under if under else None


SPEND = Kpi("spend", "Spend", "money", "neither", ("spend",), meaning="what the ad platforms charged")
NET_REVENUE = Kpi(
    "net_revenue", "Net revenue", "money", "higher", ("net_revenue",),
    meaning="orders less discounts and refunds, without tax and shipping, on the order's day",
)  # fmt: skip
ORDERS = Kpi("orders", "Orders", "count", "higher", ("orders",))
NEW_CUSTOMERS = Kpi(
    "new_customers", "New customers", "count", "higher", ("new_customers",), meaning="persons whose first order this is"
)
LEADS = Kpi("leads", "Leads", "count", "higher", ("leads",))
WON_DEALS = Kpi("won_deals", "Won deals", "count", "higher", ("won_deals",))
AOV = Kpi("aov", "AOV", "price", "higher", ("net_revenue",), ("orders",), "net revenue per order")
MER = Kpi("mer", "MER", "times", "higher", ("net_revenue",), ("spend",), "net revenue per unit of spend")
CAC = Kpi("cac", "CAC", "price", "lower", ("spend",), ("new_customers",), "spend per new customer")
COST_RATIO = Kpi(
    "marketing_cost_ratio", "Marketing cost ratio", "share", "lower", ("spend", "other_costs"), ("net_revenue",),
    "spend and other marketing costs, as a share of net revenue",
)  # fmt: skip
ROAS = Kpi("roas", "ROAS", "times", "higher", ("net_revenue",), ("spend",), "attributed revenue per unit of spend")

DAILY = (SPEND, NET_REVENUE, ORDERS, NEW_CUSTOMERS, LEADS, WON_DEALS, AOV, MER, CAC)
KEY_FIGURES = (*DAILY, COST_RATIO)
TILES = (NET_REVENUE, SPEND, MER, ORDERS, NEW_CUSTOMERS, CAC)
ROLLING = (MER, CAC)
COMPARED = (SPEND, NET_REVENUE, ROAS, ORDERS, NEW_CUSTOMERS, CAC)
SUMS = ("spend", "other_costs", "net_revenue", "orders", "new_customers", "leads", "won_deals")
YEAR = 364  # the same weekdays a year ago


@dataclass(frozen=True)
class Period:
    """`days` days that end on `last`, both included."""

    last: date
    days: int

    @property
    def first(self) -> date:
        return self.last - timedelta(days=self.days - 1)

    def back(self, days: int) -> "Period":
        return Period(self.last - timedelta(days=days), self.days)


class Figures:
    """What one release says. `day` is its last day; `rows` are its KPI days, oldest first."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, day: date) -> None:
        self._db = connection
        self.day = day
        days = f"select date_day, {', '.join(SUMS)} from kpi_daily where date_day <= ? order by date_day"
        self.rows = self._all(days, [day])
        # Orders are loaded with their full history, so revenue is known before the first KPI day as well.
        revenue = self._all("select date_day, sum(net_amount) as net_revenue from fct_orders group by date_day", [])
        self._revenue = {row["date_day"]: row["net_revenue"] for row in revenue}

    def sums(self, period: Period) -> dict[str, Decimal | None]:
        """The sums over a period; None for what is not known for all of its days."""
        known = {name: None for name in SUMS}
        if not self.rows or period.last > self.day:
            return known
        if period.first >= self.rows[0]["date_day"]:
            inside = [row for row in self.rows if period.first <= row["date_day"] <= period.last]
            known = {name: _plus(row[name] for row in inside) for name in SUMS}
        elif self._revenue and period.first >= min(self._revenue):
            days = (value for day, value in self._revenue.items() if period.first <= day <= period.last)
            known["net_revenue"] = sum(days, Decimal(0))
        return known

    def whole(self, days: int) -> Period:
        """The last `days` days, or as many as have KPIs."""
        return Period(self.day, min(days, len(self.rows)))

    def rolling(self, kpi: Kpi, days: int = 7) -> list[tuple[date, Decimal | None]]:
        """The KPI of the `days` days that end on each day, from their sums."""
        return [(row["date_day"], kpi.of(self.sums(Period(row["date_day"], days)))) for row in self.rows[days - 1 :]]

    def channels(self, period: Period) -> list[Row]:
        """Sums by channel, the largest spend first, then the largest revenue; channels without either are left out."""
        return self._all(
            """
            select channel, sum(spend) as spend, sum(net_revenue) as net_revenue, sum(orders) as orders,
                sum(new_customers) as new_customers
            from kpi_channel_daily
            where date_day between ? and ?
            group by channel
            having sum(spend) <> 0 or sum(net_revenue) <> 0 or sum(orders) <> 0
            order by sum(spend) desc nulls last, sum(net_revenue) desc nulls last, channel
            """,
            [period.first, period.last],
        )

    def campaigns(self, period: Period, limit: int = 10) -> list[Row]:
        """Sums by campaign, the largest spend first."""
        return self._all(
            """
            select platform, account_name, campaign_id, max_by(campaign_name, date_day) as campaign_name,
                string_agg(distinct channel, ', ' order by channel) as channel,
                sum(spend) as spend, sum(net_revenue) as net_revenue, sum(orders) as orders,
                sum(new_customers) as new_customers
            from kpi_campaign_daily
            where date_day between ? and ? and campaign_id <> '(none)'
            group by platform, account_id, account_name, campaign_id
            having sum(spend) > 0
            order by sum(spend) desc, campaign_id
            limit ?
            """,
            [period.first, period.last, limit],
        )

    def stale(self) -> list[Row]:
        """Sources that are published as they were before, with their newest day and why."""
        known = "select 1 from duckdb_columns() where table_name = 'mart_freshness' and column_name = 'is_stale'"
        if not self._all(known, []):  # a release from before there was such a thing
            return []
        return self._all(
            "select source, max(newest_day) as newest_day, max(stale_reason) as stale_reason from mart_freshness"
            " where is_stale group by source order by source",
            [],
        )

    def alerts(self) -> list[Row]:
        """KPIs of the day that left their range, and budgets that will not hold, red ones first."""
        return self._all(
            """
            select rule, kind, value, expected, low, high, severity, owner
            from kpi_alerts
            where date_day = ? and severity in ('red', 'yellow')
            order by severity, rule
            """,
            [self.day],
        )

    def freshness(self) -> list[Row]:
        return self._all(
            """
            select source, stream, newest_day, expected_lag_hours, lag_hours, is_late, is_stale, last_loaded_at,
                last_load_rows
            from mart_freshness
            order by is_stale desc, is_late desc, source, stream
            """,
            [],
        )

    def _all(self, query: str, parameters: list[Any]) -> list[Row]:
        cursor = self._db.execute(query, parameters)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def growth(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    """(now - before) / before; None where there was nothing, or less than nothing, to grow from."""
    return (now - before) / before if now is not None and before is not None and before > 0 else None


def _plus(values: Iterable[Decimal | None]) -> Decimal | None:
    total = Decimal(0)
    for value in values:
        if value is None:
            return None
        total += value
    return total
