"""Persons: the connected components of the graph whose edges are int_identifier_links.

A component's id is the MD5 of its smallest identifier, so it depends neither on the order of rows nor on how
often they were loaded. It changes only when the person gains a smaller identifier.
"""

import hashlib

import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def model(dbt, session):
    links = dbt.ref("int_identifier_links").order("identifier, linked_identifier").to_arrow_table()
    ends = pa.chunked_array([*links["identifier"].chunks, *links["linked_identifier"].chunks], pa.string())
    identifiers = sorted(ends.unique().to_pylist())
    return pa.table({"identifier": pa.array(identifiers, pa.string()), "person_id": _person_ids(identifiers, links)})


def _person_ids(identifiers: list[str], links: pa.Table) -> pa.Array:
    """The person of each identifier; `identifiers` are sorted, so a component's first one is its smallest."""
    if not identifiers:
        return pa.array([], pa.string())
    number = {identifier: position for position, identifier in enumerate(identifiers)}
    left = [number[identifier] for identifier in links["identifier"].to_pylist()]
    right = [number[identifier] for identifier in links["linked_identifier"].to_pylist()]
    shape = (len(identifiers), len(identifiers))
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=shape)
    _, components = connected_components(graph, directed=False)
    names: dict[int, str] = {}
    for identifier, component in zip(identifiers, components.tolist(), strict=True):
        names.setdefault(component, hashlib.md5(identifier.encode(), usedforsecurity=False).hexdigest())
    return pa.array([names[component] for component in components.tolist()], pa.string())
