"""A small clean world for the gates: every stream landed, every mart table that a gate looks at."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from marketing_mart.connectors import files, google_ads, hubspot, meta_ads, shopify
from marketing_mart.quality import GateContext
from marketing_mart.streams import Stream

DAY = date(2025, 6, 30)
KPI_START = DAY - timedelta(days=100)
STREAMS = (*google_ads.STREAMS, *meta_ads.STREAMS, *hubspot.STREAMS, *shopify.STREAMS, *files.STREAMS)
TEXTS = {"currency": "USD", "from_currency": "EUR", "to_currency": "USD", "presentment_currency": "USD"}


def context(**changes: Any) -> GateContext:
    known = {"day": DAY, "kpi_start": KPI_START, "run_id": "run-1", "streams_on": STREAMS, "owner": "data-team"}
    return GateContext(**(known | changes))


def build(path: Path) -> Path:
    """The clean world's database."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema landed; create schema known; create schema before")
        connection.execute("create schema intermediate; create schema mart.mart; use mart.mart")
        for stream in STREAMS:
            rows = pa.Table.from_pylist(_rows(stream), schema=stream.schema)
            connection.register("rows_of_stream", rows)
            connection.execute(f"create table landed.{stream.source}__{stream.name} as from rows_of_stream")
            connection.unregister("rows_of_stream")
            if stream.kind == "entity":
                keys = ", ".join(stream.key)
                connection.execute(f"create table known.{stream.source}__{stream.name} as {_known(stream, keys)}")
        for name, rows in (("reads", _reads), ("loads", _loads)):
            of_streams = pa.Table.from_pylist([row for stream in STREAMS for row in rows(stream)])
            connection.register("of_streams", of_streams)
            connection.execute(f"create table landed.{name} as from of_streams")
            connection.unregister("of_streams")
        for name in ("hubspot__deals", "google_ads__ad_performance"):
            connection.execute(f"create table before.{name} as select rows.* from landed.{name} as rows, range(20)")
        connection.execute(_MART)
    return path


def change(path: Path, statement: str) -> None:
    """Run SQL on the world. Tables are named as the gates name them; `mart.x` alone is ambiguous to DuckDB."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(re.sub(r"\bmart[.]", "mart.mart.", statement))


def _rows(stream: Stream) -> list[dict[str, Any]]:
    """Two rows, of the day and the day before."""
    return [{field.name: _value(field, place, stream) for field in stream.schema} for place in (0, 1)]


def _value(field: pa.Field, place: int, stream: Stream) -> Any:
    day = DAY - timedelta(days=place)
    if field.name == "_extra" or pa.types.is_list(field.type):
        return None
    if pa.types.is_date(field.type):
        return day
    if pa.types.is_timestamp(field.type):
        return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    if pa.types.is_boolean(field.type):
        return False
    if pa.types.is_decimal(field.type):
        return Decimal("0.5" if field.name == "discount_rate" else "1.5")
    if pa.types.is_integer(field.type):
        return {"clicks": 10, "impressions": 100, "cost_micros": 1_500_000}.get(field.name, 7)
    # an account and its campaign stay the same from day to day; what is no report row's part has its own id
    same = ("account", "campaign", "ad_", "platform", "channel") if stream.kind == "report" else ()
    return TEXTS.get(field.name) or (f"{field.name}-x" if field.name.startswith(same) else f"{field.name}-{place}")


def _known(stream: Stream, keys: str) -> str:
    """Reports call ads and campaigns by other names than entities do here."""
    label, named = f"{stream.source}__{stream.name}", {"meta_ads__ads", "hubspot__emails"}
    values = ", ".join(f"'{key}-x' as {key}" for key in stream.key)
    return f"select {values}" if label in named else f"select {keys} from landed.{label}"


def _reads(stream: Stream) -> list[dict[str, Any]]:
    """The run's own read, and of eight weeks before those of the same weekday."""
    rows = 2 if stream.kind == "report" else 300
    known = {"source": stream.source, "stream": stream.name, "kind": stream.kind, "rows": rows, "stated_rows": rows}
    return [
        known | {
            "sequence": 9 - week, "day": (day := DAY - timedelta(days=7 * week)), "is_offered": not week,
            "first_day": KPI_START if stream.kind == "report" else day - timedelta(days=1), "last_day": day,
            "landed_rows": rows, "new_versions": 2, "run_id": f"run-{9 - week}",
            "loaded_at": datetime(day.year, day.month, day.day, 6, tzinfo=UTC) + timedelta(days=1),
        }
        for week in range(9)
    ]  # fmt: skip


def _loads(stream: Stream) -> list[dict[str, Any]]:
    """Of a report nine weeks of days, of which the last is new and the one before was read again; of an entity the
    run's own load and one before."""
    versions = [(back, 1) for back in range(65, -1, -1)] if stream.kind == "report" else [(1, 1), (0, 1)]
    versions += [(1, 2)] if stream.kind == "report" else []
    loads = []
    for back, version in versions:
        day = DAY - timedelta(days=back)
        totals = {f"{name} USD": str(4000 + day.day) for name in stream.totals}
        loads.append({
            "source": stream.source, "stream": stream.name, "kind": stream.kind, "day": day, "version": version,
            "rows": 40, "totals": json.dumps(totals), "counts": True, "is_current": (back, version) != (1, 1),
            "is_offered": (back, version) in ((0, 1), (1, 2)),
        })  # fmt: skip
    return loads


_MART = f"""
create table intermediate.int_missing_rates (
    source varchar, entity varchar, currency varchar, date_day date, rows bigint
);
create table intermediate.int_quarantine_shares as
    select 'files' as source, 'orders' as stream, 1000 as landed_rows, 0 as quarantined_rows,
        cast(0.01 as double) as max_quarantined_share;
create table mart.mart.quarantine (
    source varchar, stream varchar, row_key varchar, date_day date, reason varchar, currency varchar,
    amount_local decimal(38, 6), row_json varchar
);
create table mart.mart.kpi_alerts as
    select cast('2025-06-30' as date) as date_day, 'cac' as rule, 'kpi' as kind, 'cac' as kpi, '(all)' as channel,
        cast(25 as double) as value;
create table mart.mart.mart_freshness as
    select 'files' as source, 'orders' as stream, cast('2025-06-30' as date) as newest_day, false as is_stale,
        cast(null as varchar) as stale_reason;
create table mart.mart.fct_ad_performance as
    select 'google_ads' as source, date_day, account_name, currency, impressions, clicks,
        cast(1.5 as decimal(38, 6)) as spend_local, cast(1.5 as decimal(38, 10)) as spend, 1 as fx_rate
    from landed.google_ads__account_performance
    union all by name
    select 'meta_ads' as source, date_day, account_name, currency, impressions, clicks, spend as spend_local, spend,
        1 as fx_rate
    from landed.meta_ads__account_insights
    union all by name
    select 'files' as source, date_day, account_name, currency, impressions, clicks, spend as spend_local, spend,
        1 as fx_rate
    from landed.files__ad_performance;
create table mart.mart.fct_orders as
    select 'shopify' as source, order_id, cast(processed_at as date) as date_day,
        gross_amount as net_amount, gross_amount as net_amount_local, 1 as fx_rate
    from landed.shopify__orders
    union all by name
    select 'files' as source, order_id, cast(ordered_at as date) as date_day,
        net_amount, net_amount as net_amount_local, 1 as fx_rate
    from landed.files__orders;
create table mart.mart.fct_sessions as
    select 'files' as source, session_id, date_day, campaign from landed.files__sessions;
create table mart.mart.kpi_daily as
    select cast(range as date) as date_day, cast(100 as decimal(38, 10)) as spend,
        cast(500 as decimal(38, 10)) as net_revenue, cast(25 as double) as cac, 30 as orders, 20 as new_customers,
        40 as leads, 4 as won_deals
    from range(timestamp '{KPI_START}', timestamp '{DAY}' + interval 1 day, interval 1 day);
create table mart.mart.kpi_channel_daily as
    select date_day, channel, spend, net_revenue, 10 as orders, 100 as sessions, cast(0.5 as double) as cpc,
        cast(25 as double) as cac, cast(5 as double) as roas, cast(0.1 as double) as conversion_rate
    from mart.mart.kpi_daily cross join (values ('Paid Search'), ('Paid Social'), ('Direct')) as channels(channel);
create table mart.mart.fct_restatements as
    select 'shopify' as source, date_day, metric, currency, 1 as load, true as is_current, true as is_accepted,
        cast(metric_value as decimal(38, 10)) as value
    from mart.mart.kpi_daily
    cross join (values ('net_revenue', 'USD', 500), ('orders', '', 30)) as known(metric, currency, metric_value);
create view mart.mart.fct_touches as select * from mart.mart.fct_sessions;
create table mart.mart.kpi_utm_share as
    select date_day, cast(0.03 as double) as unmapped_share_28d, cast(0.03 as double) as max_unmapped_share
    from mart.mart.kpi_daily;
create table intermediate.int_paid_visit_days as
    select date_day, 'Paid Search' as channel, 'brnad' as utm_campaign, '(none)' as campaign_id,
        'unknown_campaign' as finding, 3 as sessions
    from mart.mart.kpi_daily;
create table mart.mart.kpi_email as
    select date_day, cast(0.4 as double) as open_rate, cast(0.1 as double) as click_rate,
        cast(1 as double) as click_to_open, cast(null as double) as unsubscribe_rate, cast(0 as double) as bounce_rate
    from mart.mart.kpi_daily;
"""
