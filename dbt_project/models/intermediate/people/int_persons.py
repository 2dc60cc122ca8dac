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


def model(dbt, session):
    most = int(dbt.config.get("max_persons_per_visitor"))
    links = [dbt.ref("int_identifier_links"), dbt.ref("int_click_links"), dbt.ref("int_visitor_links")]
    count = number_identifiers(session, *links)
    return named(session, resolve(count, *(numbers(session, each) for each in links), most))


def resolve(count, records, clicks, visitors, most):
    """The person of each identifier from 0 to `count` - 1. Links are pairs of arrays; clicks and visitors come first."""
    persons = joined(np.arange(count), *records)
    click, carrier = clicks
    kept = seen_with_few(click, persons[carrier], most)
    persons = joined(persons, click[kept], carrier[kept])
    visitor, seen = visitors
    told = ~np.isin(seen, click[~kept])  # a click id that links nobody does not tell whose a visitor is
    visitor, seen = visitor[told], seen[told]
    kept = seen_with_few(visitor, persons[seen], most)
    return joined(persons, visitor[kept], seen[kept])


def joined(persons, left, right):
    """`persons`, with those made one whose identifiers are linked. Persons are numbered from 0 without gaps."""
    shape = (persons.max(initial=-1) + 1,) * 2
    graph = coo_array((np.ones(len(left), bool), (persons[left], persons[right])), shape=shape)
    return connected_components(graph, directed=False)[1][persons]


def seen_with_few(holder, person, most):
    """Of each link, whether its holder is seen with at most `most` different persons."""
    pairs = np.unique(holder.astype(np.int64) << 32 | person)
    return np.bincount(pairs >> 32, minlength=holder.max(initial=-1) + 1)[holder] <= most


def number_identifiers(session, records, clicks, visitors):
    """Give each identifier a number, in any order, from 0 without gaps; returns how many there are."""
    ends = "select identifier from links union select linked_identifier from links"
    number = "cast(row_number() over () - 1 as integer)"
    numbered = f"create or replace temp table numbered as select identifier, {number} as number from ({ends})"
    ask(session, numbered, links=records.union(clicks).union(visitors))
    return session.execute("select count(*) from numbered").fetchone()[0]


def numbers(session, links):
    """Both ends of the links as arrays of numbers."""
    query = """
        select one.number as one, other.number as other from links
        inner join numbered as one on links.identifier = one.identifier
        inner join numbered as other on links.linked_identifier = other.identifier
    """
    return [end.to_numpy() for end in ask(session, query, links=links).columns]


def named(session, persons):
    """Each identifier with its person's id. A click or visitor that nobody known is linked with stays out."""
    query = """
        with identifiers as (select identifier, person from numbered inner join found using (number)), names as (
            select person, md5(min(identifier)) as person_id from identifiers
            where identifier not like 'visitor:%' and identifier not like 'click:%' group by person
        )
        select identifiers.identifier, names.person_id
        from identifiers inner join names on identifiers.person = names.person
    """
    found = pa.table({"number": np.arange(len(persons), dtype=np.int32), "person": persons})
    rows = ask(session, query, found=found)
    session.execute("drop table numbered")
    return rows


def ask(session, query, **tables):
    """The answer to a query over tables given by name, as Arrow."""
    for name, table in tables.items():
        session.register(name, table)
    answer = session.execute(query).to_arrow_table()
    for name in tables:
        session.unregister(name)
    return answer
