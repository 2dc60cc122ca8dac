"""Attribution: the compiled SQL that joins touches with conversions and credits them, bare in DuckDB.

The inputs are generated: a visit a person and fortnight or so over three years, two and a half orders a person, leads
and origins besides. Measured are the models between them and the KPI table: the join with its windows and credits, the
fact, its sums by day, Shapley's shares and the chain of Markov.
"""

import json
import time
from pathlib import Path
from typing import Any

from bench import child
from bench.sizes import FULL_ORDERS, FULL_SESSIONS, Size
from bench.world import World

MIB_PER_GIB = 1024
MEMORY_LIMIT = "8GB"
MODELS = (
    "int_touches", "int_touches_found", "int_touches_credited", "int_attributed_touches", "fct_attribution",
    "int_revenue_days", "int_shapley_days", "int_paths_unconverted", "int_markov_transitions", "int_markov_shares",
    "int_markov_days",
)  # fmt: skip


def measure(size: Size, work: Path) -> dict[str, Any]:
    """The section `attribution` of the results."""
    from bench.build import variables

    touches, orders = (max(100, round(rows * size.world_share)) for rows in (FULL_SESSIONS, FULL_ORDERS))
    world = World.of(size)
    work.mkdir(parents=True, exist_ok=True)
    (work / "no_views.json").write_text("{}")
    compiled = {"compiled": work / "dbt", "folder": work / "compiling", "views": work / "no_views.json"}
    child.run("bench.bare:compile_models", work, **compiled, variables=variables(world, world.last_day))
    given = {"database": work / "mart.duckdb", "first_day": world.first_day, "days": world.days}
    made = child.run("bench.attribution:generate", work, **given, touches=touches, orders=orders).value
    ran = child.run("bench.attribution:run", work, database=work / "mart.duckdb", compiled=work / "dbt")
    return {
        "touches": made["touches"],
        "conversions": made["conversions"],
        "credits": ran.value["credits"],
        "seconds": round(sum(ran.value["seconds"].values()), 1),
        "cpu_seconds": ran.cpu_seconds,
        "peak_gib": round(ran.peak_mib / MIB_PER_GIB, 2),
        "models": ran.value["seconds"],
    }


def generate(database: str, first_day: str, days: int, touches: int, orders: int) -> dict[str, int]:
    """A database with visits and int_conversions; their rows are functions of their number."""
    import duckdb

    Path(database).unlink(missing_ok=True)
    with duckdb.connect(
        database, config={"memory_limit": MEMORY_LIMIT, "preserve_insertion_order": False}
    ) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("create schema mart; create schema intermediate")
        connection.execute(_macros(first_day, days, touches, orders))
        connection.execute(f"create table mart.mart.dim_visit_origin as {_ORIGINS}")
        connection.execute(f"create table mart.mart.fct_visits as {_visits(touches)}")
        connection.execute(f"create table mart.mart.fct_other_touches as {_NO_OTHER_TOUCHES}")
        connection.execute(f"create table mart.intermediate.int_conversions as {_conversions(orders)}")
        (conversions,) = connection.execute("select count(*) from mart.intermediate.int_conversions").fetchone()
    return {"touches": touches, "conversions": conversions}


def run(database: str, compiled: str) -> dict[str, Any]:
    """Seconds of each model, in order, and how many credits there are."""
    import duckdb

    from bench.bare import in_order, make_model

    nodes = json.loads(Path(compiled, "manifest.json").read_text())["nodes"]
    seconds = {}
    with duckdb.connect(database, config={"memory_limit": MEMORY_LIMIT}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for node in in_order(nodes):
            if node["name"] in MODELS:
                began = time.perf_counter()
                make_model(connection, node)
                seconds[node["name"]] = round(time.perf_counter() - began, 2)
        (credits,) = connection.execute("select count(*) from mart.mart.fct_attribution").fetchone()
    return {"seconds": seconds, "credits": credits}


def _macros(first_day: str, days: int, touches: int, orders: int) -> str:
    """`moment(row, rows, salt)`: instants spread evenly over the days, in the order of rows. Some persons are drawn far
    more often than others."""
    persons = max(1, orders * 2 // 5)
    return f"""
        create macro pick(row_, salt, n) as cast(hash(row_, salt) % n as bigint);
        create macro person_of(row_, salt) as
            md5('person ' || floor({persons} * pow(pick(row_, salt, 1099511627776) / 1099511627776.0, 1.3)));
        create macro moment(row_, rows_, salt) as
            timezone('UTC', cast(date '{first_day}' + cast(row_ * {days} // rows_ as integer) as timestamp))
            + to_seconds(pick(row_, salt, 86400));
    """


_ORIGINS = """
    select cast(range as ubigint) as origin_id, 'files' as source,
        ['Paid Search', 'Organic Search', 'Direct', 'Paid Social', 'Email', 'Referral', 'Direct', 'Direct']
            [1 + range % 8] as channel,
        if(channel like 'Paid%', 'campaign_' || range // 8, '') as utm_campaign, true as is_counted
    from range(1600)"""
_NO_OTHER_TOUCHES = """
    select '' as touch_type, '' as source, '' as event_id, date '2000-01-01' as date_day, now() as occurred_at,
        uuid() as person_key, '' as channel, '' as utm_campaign
    where false"""


def _visits(rows: int) -> str:
    return f"""
        select cast(pick(row_, 'origin', 1600) as ubigint) as origin_id, 'S' || row_ as session_id,
            cast(started_at as date) as date_day, started_at, cast(person_id as uuid) as person_key
        from (
            select range as row_, moment(range, {rows}, 'touch') as started_at, person_of(range, 'touch') as person_id
            from range({rows})
        )"""


def _conversions(orders: int) -> str:
    """Two of five orders are first ones; a tenth as many leads, each with its origin."""
    return f"""
        select md5_number(conversion_type || ':' || source || ':' || conversion_id) as conversion_key, *,
            converted_at - interval 720 hour as touches_from, true as is_attributed,
            cast(if(conversion_type like '%order', pick(conversion_id, 'revenue', 50000) / 100.0, null)
                as decimal(38, 10)) as revenue,
            cast(if(conversion_type like '%order', pick(conversion_id, 'margin', 9000) / 100.0, null)
                as decimal(38, 10)) as margin
        from (
            select if(pick(range, 'first', 5) < 2, 'first_order', 'repeat_order') as conversion_type,
                'shopify' as source, 'O' || range as conversion_id, person_of(range, 'order') as person_id,
                moment(range, {orders}, 'order') as converted_at, cast(converted_at as date) as date_day,
                1 as conversions
            from range({orders})
            union all
            select kind, 'hubspot', 'H' || range, person_of(range, 'lead'),
                moment(range, {orders // 10}, 'lead') as at_, cast(at_ as date), 1
            from range({orders // 10}), (select unnest(['lead', 'contact_origin']) as kind)
        )"""
