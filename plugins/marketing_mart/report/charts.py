"""The charts, as Vega-Lite specifications made with Altair. Colours come from the page, for light and dark."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import altair as alt
import vl_convert

from marketing_mart.report.figures import NET_REVENUE, SPEND, Figures, Kpi, Row

Spec = dict[str, Any]
MEAN_DAYS = 7
CHART_DAYS = 180
WIDTH = "container"  # the page's column
DAY_FORMAT = "%b %-d, %Y"


@cache
def javascript() -> str:
    """Vega, Vega-Lite and their embedding in one script, from the wheel; it sets window.vegaEmbed."""
    script = vl_convert.javascript_bundle(vl_version=".".join(alt.VEGALITE_VERSION.split(".")[:2]))
    if "</script" in script.lower():
        raise ValueError("the charting library's script would end the element that carries it")
    return script


def trend(figures: Figures, currency: str) -> Spec:
    """Spend and net revenue by day, and the mean of the week that ends on each day as the line to follow."""
    rows = figures.rows[-CHART_DAYS:]
    daily, means = [], []
    for kpi in (NET_REVENUE, SPEND):
        for index, row in enumerate(rows):
            point = {"date_day": str(row["date_day"]), "kpi": kpi.label}
            daily.append(point | {"amount": _shown(row[kpi.name])})
            week = [known[kpi.name] for known in rows[max(0, index - MEAN_DAYS + 1) : index + 1]]
            if len(week) == MEAN_DAYS and None not in week:
                means.append(point | {"amount": _shown(sum(week) / MEAN_DAYS)})
    order = [NET_REVENUE.label, SPEND.label]
    color = alt.Color("kpi:N", sort=order, title=None, legend=alt.Legend(symbolOpacity=1, symbolStrokeWidth=3))
    dash = alt.StrokeDash("kpi:N", sort=order, legend=None)
    amount = alt.Y("amount:Q", title=f"{currency} a day", axis=alt.Axis(format="~s"))
    tooltip = [
        _day_tooltip(),
        alt.Tooltip("kpi:N", title=" "),
        alt.Tooltip("amount:Q", title=currency, format=",.0f"),
    ]
    points = alt.Chart(alt.Data(values=daily)).mark_line(opacity=0.35, strokeWidth=1.2, interpolate="linear")
    points = points.encode(x=_day_axis(), y=amount, color=color, tooltip=tooltip)
    lines = alt.Chart(alt.Data(values=means)).mark_line(strokeWidth=2.6)
    lines = lines.encode(x=_day_axis(), y=amount, color=color, strokeDash=dash, tooltip=tooltip)
    return _spec(alt.layer(points, lines), f"Net revenue and spend by day, {_span(rows)}, in {currency}.", 280)


def channels(rows: Sequence[Row], currency: str, days: int) -> Spec:
    """Spend beside attributed revenue, one pair of bars per channel."""
    kpis = (NET_REVENUE, SPEND)
    values = [
        {"channel": row["channel"], "kpi": kpi.label, "amount": _shown(row[kpi.name])} for row in rows for kpi in kpis
    ]
    order = [kpi.label for kpi in kpis]
    chart = alt.Chart(alt.Data(values=values)).mark_bar()
    chart = chart.encode(
        y=alt.Y("channel:N", sort=[row["channel"] for row in rows], title=None, axis=alt.Axis(labelLimit=130)),
        yOffset=alt.YOffset("kpi:N", sort=order),
        x=alt.X("amount:Q", title=currency, axis=alt.Axis(format="~s", tickCount=5)),
        color=alt.Color("kpi:N", sort=order, title=None),
        tooltip=[
            alt.Tooltip("channel:N", title="Channel"),
            alt.Tooltip("kpi:N", title=" "),
            alt.Tooltip("amount:Q", title=currency, format=",.0f"),
        ],
    )
    described = f"Attributed net revenue and spend by channel over {days} days, in {currency}: {len(rows)} channels."
    return _spec(chart, described, 34 * max(len(rows), 2))


def rolling(figures: Figures, kpi: Kpi, currency: str) -> Spec:
    """A ratio over the week that ends on each day, recomputed from that week's sums."""
    points = figures.rolling(kpi, MEAN_DAYS)[-CHART_DAYS:]
    values = [{"date_day": str(day), "value": _shown(value)} for day, value in points]
    title = currency if kpi.unit == "price" else "times spend"
    chart = alt.Chart(alt.Data(values=values)).mark_line(strokeWidth=2.6)
    chart = chart.encode(
        x=_day_axis(),
        y=alt.Y("value:Q", title=title, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=5, format=",.2f")),
        tooltip=[_day_tooltip(), alt.Tooltip("value:Q", title=kpi.label, format=",.2f")],
    )
    return _spec(chart, f"{kpi.label} ({kpi.meaning}) over the {MEAN_DAYS} days that end on each day.", 180)


def _spec(chart: alt.Chart | alt.LayerChart, description: str, height: int) -> Spec:
    return chart.properties(width=WIDTH, height=height, description=description).to_dict()


def _day_axis() -> alt.X:
    """Days are plain dates, which JavaScript reads as UTC: any other zone would draw them a day early."""
    return alt.X("utcyearmonthdate(date_day):T", title=None, axis=alt.Axis(format="%b %-d", labelOverlap=True))


def _day_tooltip() -> alt.Tooltip:
    return alt.Tooltip("utcyearmonthdate(date_day):T", title="Day", format=DAY_FORMAT)


def _span(rows: Sequence[Row]) -> str:
    first, last = (rows[0]["date_day"], rows[-1]["date_day"]) if rows else (date.min, date.min)
    return f"{first} to {last}" if last - first > timedelta(0) else str(last)


def _shown(value: Decimal | None) -> float | None:
    """A chart draws pixels: two decimals are more than it can show."""
    return None if value is None else round(float(value), 2)
