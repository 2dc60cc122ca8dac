"""Whose an email, a phone or a number is, and all that they are known by: the models' own answer, over the landing."""

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from marketing_mart import warehouse
from marketing_mart.erasure.identifiers import identifying
from marketing_mart.landing import Landing
from marketing_mart.landing.sql import literal, quoted
from marketing_mart.streams import TEXT, Stream

_LINKED = ("+int_persons", "+stg_files__sessions", "+stg_shopify__visits", "+int_orders")
# Clicks that only this person's visits came with: whoever else came with one, it was passed on.
_CLICKS = """
    with visits as (
        select click_id, 'visitor:' || visitor_id as visitor, 'customer:' || customer_id as customer,
            'email:' || email_hash as email
        from staging.stg_files__sessions where click_id is not null
        union all
        select visits.click_id, null, orders.person_identifier, null
        from staging.stg_shopify__visits as visits
        join intermediate.int_orders as orders on orders.source = 'shopify' and orders.order_id = visits.order_id
        where visits.click_id is not null
    )
    select 'click:' || click_id from visits group by click_id
    having bool_and(visitor in (from known) or customer in (from known) or email in (from known))
"""


def identifiers_of(
    landing: Landing, streams: Iterable[Stream], variables: Mapping[str, object], seeds: Iterable[str], scratch: Path
) -> set[str]:
    """Everything that the person is known by whom one of `seeds` (identifiers, or `person:<person_id>`) belongs to;
    empty where the landing knows none of them. What many share (docs/identity.md) is nobody's, and stays."""
    streams = tuple(streams)
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        database = warehouse.create_candidate(scratch, landing.views(streams))
        warehouse.build(database, variables, log_folder=scratch / "logs", models=_LINKED)
        with duckdb.connect(str(database)) as connection:
            return _gathered(connection, landing, streams, set(seeds))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _gathered(
    connection: duckdb.DuckDBPyConnection, landing: Landing, streams: Iterable[Stream], seeds: set[str]
) -> set[str]:
    persons = dict(connection.execute("select identifier, person_id from intermediate.int_persons").fetchall())
    shared = _names(connection.execute("select identifier from intermediate.int_shared_identifiers"))
    own = {seed.removeprefix("person:") for seed in seeds} | {persons[seed] for seed in seeds if seed in persons}
    found = {name for name, person_id in persons.items() if person_id in own}
    found |= {seed for seed in seeds if not seed.startswith("person:")}
    while True:  # what counts now may leave out what an older version told: the address that a contact had before
        connection.register("found", pa.table({"identifier": sorted(found)}, pa.schema([("identifier", TEXT)])))
        connection.execute("create or replace temp table known as from found")
        beside = _names(connection.execute(_CLICKS))
        for stream in streams:
            beside |= _beside(connection, landing, stream)
        more = {name for name in beside - shared - found if persons.get(name) in (None, *own)}
        if not more:
            return {name for name in found if not name.startswith("order:")}
        found |= more


def _beside(connection: duckdb.DuckDBPyConnection, landing: Landing, stream: Stream) -> set[str]:
    """What stands in one row with something known, in any landed version. Visitor ids are left to the models, which
    alone know how many others they were seen with."""
    loads = [load for load in landing.loads(stream) if load.path]
    landed = {name: kind for load in loads for name, kind in load.columns.items() if kind == str(TEXT)}
    kinds = {name: identifying(stream, name) for name in sorted(landed)}
    told = {
        name: f"'{openings[0]}:' || {quoted(name)}"
        for name, openings in kinds.items()
        if len(openings) == 1 and openings != ("visitor",)
    }
    if len(told) < 2:
        return set()
    files = ", ".join(literal(str(landing.root / path)) for path in sorted({load.path for load in loads}))
    where = " or ".join(f"{value} in (from known)" for value in told.values())
    answer = connection.execute(
        f"select distinct unnest([{', '.join(told.values())}]) from read_parquet([{files}], union_by_name = true)"
        f" where {where}"
    )
    return {name for name in _names(answer) if name and not (stream.kind == "report" and name.startswith("click:"))}


def _names(answer: duckdb.DuckDBPyConnection) -> set[str]:
    return {name for (name,) in answer.fetchall()}
