"""Streams, rows and short calls that the landing's tests share."""

from datetime import UTC, date, datetime
from decimal import Decimal

import duckdb
import pyarrow as pa

from marketing_mart.landing import Landing
from marketing_mart.streams import COUNT, DAY, INSTANT, MONEY, TEXT, Page, Stream, Window, columns

ADS = Stream(
    "tests", "ads", "report",
    columns(date_day=DAY, campaign_id=TEXT, currency=TEXT, clicks=COUNT, spend=MONEY),
    key=("date_day", "campaign_id"), day="date_day", totals=("clicks", "spend"),
)  # fmt: skip
ORDERS = Stream(
    "tests", "orders", "entity",
    columns(order_id=TEXT, updated_at=INSTANT, amount=MONEY, lines=pa.list_(pa.struct([("sku", TEXT), ("n", COUNT)]))),
    key=("order_id",), changed_at="updated_at", totals=("amount",),
)  # fmt: skip
BUDGETS = Stream("tests", "budgets", "entity", columns(channel=TEXT, amount=MONEY), key=("channel",))
FIRST, LAST = date(2025, 6, 1), date(2025, 6, 3)
WEEK = Window(FIRST, LAST)
NOON = datetime(2025, 6, 4, 12, tzinfo=UTC)


def page(stream: Stream, rows: list[tuple], stated_rows: int | None = None) -> Page:
    """Rows without the column for undeclared ones."""
    names = stream.schema.names
    rows = [dict(zip(names, (*row, None), strict=True)) for row in rows]
    return Page(pa.Table.from_pylist(rows, schema=stream.schema), stated_rows)


def ad(day: int, campaign: str, clicks: int = 1, spend: str = "1.50", currency: str = "EUR") -> tuple:
    return (date(2025, 6, day), campaign, currency, clicks, Decimal(spend))


def order(order_id: str, hour: int | None, amount: str = "10", lines: list | None = None) -> tuple:
    changed_at = None if hour is None else datetime(2025, 6, 1, hour, tzinfo=UTC)
    return (order_id, changed_at, Decimal(amount), lines)


def land(
    landing: Landing,
    stream: Stream,
    *pages: list[tuple],
    window: Window = WEEK,
    at: datetime = NOON,
    run: str = "run-1",
    judged: bool | None = True,
    **more,
):
    """Lands a read, and lets the gate of its run accept it, reject it or (None) never look at it."""
    pages = (page(stream, rows, **more) for rows in pages)
    load = landing.land(stream, window, pages, kpi_start=FIRST, loaded_at=at, run_id=run)
    if judged is not None:
        judge(landing, run, accepted=judged)
    return load


def judge(landing: Landing, run: str, accepted: bool = True) -> None:
    source = {ADS.source}
    landing.judge(
        landing.offer(run, lambda run, source: True), run_id=run, judged_at=NOON,
        accepted=source if accepted else (), rejected=() if accepted else source,
    )  # fmt: skip


def select(landing: Landing, stream: Stream, what: str = "*", more: str = "") -> list[tuple]:
    view = landing.views([stream])[f"{stream.source}__{stream.name}"]
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f'create view "rows" as {view}')
        return connection.execute(f'select {what} from "rows" {more}').fetchall()


def files_of(landing: Landing) -> list[str]:
    return sorted(str(path.relative_to(landing.root)) for path in landing.root.glob("[!.]*/**/*.parquet"))
