"""Persons: connected components of identifiers, found in three steps of falling trust (docs/identity.md).

Records of shops and CRMs link first. Then click ids, then visitor ids link, each only where it is seen with at most
`max_persons_per_visitor` of the persons known so far. A person's id is the MD5 of the smallest of its identifiers,
clicks and visitors aside: it depends neither on the order of rows nor on how often they were loaded.
The texts stay in DuckDB: here an identifier is a number, and links are two arrays of numbers.
"""

import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

NUMBERED = """
    create or replace temp table numbered as
    select identifier, cast(row_number() over () - 1 as integer) as number
    from (select identifier from links union select linked_identifier from links)
"""
ENDS = """
    select links.step, one.number as one, other.number as other from links
    inner join numbered as one on links.identifier = one.identifier
    inner join numbered as other on links.linked_identifier = other.identifier
"""
# a click or a visitor that is linked with nobody known stays out
NAMED = """
    with identifiers as (select identifier, person from numbered inner join found using (number)),
    names as (
        select person, md5(min(identifier)) as person_id from identifiers
        where identifier not like 'visitor:%' and identifier not like 'click:%' group by person
    )
    select identifier, person_id from identifiers inner join names using (person)
"""


def model(dbt, session):
    most = int(dbt.config.get("max_persons_per_visitor"))
    records, clicks, visitors = (
        links.project(f"*, {step} as step")
        for step, links in enumerate(
            (dbt.ref("int_identifier_links"), dbt.ref("int_click_links"), dbt.ref("int_visitor_links"))
        )
    )
    session.register("links", records.union(clicks).union(visitors))
    session.execute(NUMBERED)
    (count,) = session.execute("select count(*) from numbered").fetchone()
    ends = session.execute(ENDS).fetchnumpy()
    steps = [[ends[end][ends["step"] == step] for end in ("one", "other")] for step in range(3)]
    found = {"number": np.arange(count, dtype=np.int32), "person": resolve(count, *steps, most)}
    session.register("found", pa.table(found))
    persons = session.execute(NAMED).to_arrow_table()
    session.execute("drop table numbered")
    session.unregister("links")
    session.unregister("found")
    return persons


def resolve(count, records, clicks, visitors, most):
    """The person of each identifier from 0 to `count` - 1. Links are pairs of arrays, clicks and visitors first."""
    persons = joined(np.arange(count), *records)
    click, carrier = clicks
    kept = seen_with_few(click, persons[carrier], most)
    persons = joined(persons, click[kept], carrier[kept])
    told = ~np.isin(visitors[1], click[~kept])  # a click id that links nobody does not tell whose a visitor is
    visitor, seen = visitors[0][told], visitors[1][told]
    kept = seen_with_few(visitor, persons[seen], most)
    return joined(persons, visitor[kept], seen[kept])


def joined(persons, left, right):
    """`persons`, with those made one whose identifiers are linked. Persons are numbered from 0 without gaps."""
    shape = (persons.max(initial=-1) + 1,) * 2
    graph = coo_array((np.ones(len(left), bool), (persons[left], persons[right])), shape=shape)
    return connected_components(graph, directed=False)[1][persons]


def seen_with_few(holder, person, most):
    """Of each link, whether its holder is seen with at most `most` different persons."""
    pairs = np.sort(holder.astype(np.int64) << 32 | person)  # np.unique hashes them, which took 70 times as long
    is_new = np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)]
    return np.bincount(pairs[is_new] >> 32, minlength=holder.max(initial=-1) + 1)[holder] <= most
