"""The persons of int_persons against a naive union-find, on awkward little graphs."""

import hashlib
import importlib.util
import random
from collections import defaultdict
from collections.abc import Iterable
from types import ModuleType, SimpleNamespace

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from landed_world import PROJECT

Link = tuple[str, str]
RECORDS = [f"{kind}:{n}" for kind in ("customer", "contact:hubspot", "email", "phone") for n in range(4)]
CLICKS, VISITORS = [f"click:{n}" for n in range(3)], [f"visitor:{n}" for n in range(4)]
SEEN = [name for name in RECORDS if name.startswith(("customer", "email"))] + CLICKS


def links(left: list[str], right: list[str]) -> st.SearchStrategy[list[Link]]:
    return st.lists(st.tuples(st.sampled_from(left), st.sampled_from(right)), max_size=12)


graphs = st.fixed_dictionaries(
    {"records": links(RECORDS, RECORDS), "clicks": links(CLICKS, RECORDS), "visitors": links(VISITORS, SEEN)}
)


def load() -> ModuleType:
    path = PROJECT / "models" / "intermediate" / "people" / "int_persons.py"
    spec = importlib.util.spec_from_file_location("int_persons", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MODEL = load()
SESSION = duckdb.connect()


def persons(records: Iterable[Link], clicks: Iterable[Link] = (), visitors: Iterable[Link] = (), most: int = 2) -> dict:
    """What the model makes of the links: identifier -> person_id."""
    given_links = {"int_identifier_links": records, "int_click_links": clicks, "int_visitor_links": visitors}
    config = {"max_persons_per_visitor": str(most)}
    dbt = SimpleNamespace(config=config, ref=lambda name: relation(given_links[name]))
    rows = MODEL.model(dbt, SESSION).to_pylist()
    found = {row["identifier"]: row["person_id"] for row in rows}
    assert len(found) == len(rows), "an identifier of two persons"
    return found


def relation(pairs: Iterable[Link]) -> duckdb.DuckDBPyRelation:
    left, right = ([pair[side] for pair in pairs] for side in (0, 1))
    return SESSION.from_arrow(
        pa.table({"identifier": pa.array(left, pa.string()), "linked_identifier": pa.array(right, pa.string())})
    )


class Naive:
    """Union-find by dictionaries, step by step as docs/identity.md tells."""

    def __init__(self, records: list[Link], clicks: list[Link], visitors: list[Link], most: int) -> None:
        self.names = {name for pair in (*records, *clicks, *visitors) for name in pair}
        self.parent = {name: name for name in self.names}
        for pair in records:
            self.join(*pair)
        telling = self.join_few(clicks, most)
        self.join_few([(who, seen) for who, seen in visitors if seen not in CLICKS or seen in telling], most)

    def find(self, name: str) -> str:
        return name if self.parent[name] == name else self.find(self.parent[name])

    def join(self, one: str, other: str) -> None:
        self.parent[self.find(one)] = self.find(other)

    def join_few(self, pairs: list[Link], most: int) -> set[str]:
        # a click of a visit that no record kept (here) is seen with nobody, and links nobody
        seen = defaultdict(set)
        for holder, other in pairs:
            seen[holder].add(self.find(other))
        few = {holder for holder, others in seen.items() if len(others) <= most}
        for holder, other in pairs:
            if holder in few:
                self.join(holder, other)
        return few

    def persons(self) -> dict[str, str]:
        members = defaultdict(list)
        for name in self.names:
            if not name.startswith(("click", "visitor")):
                members[self.find(name)].append(name)
        ids = {root: hashlib.md5(min(names).encode()).hexdigest() for root, names in members.items()}
        return {name: ids[self.find(name)] for name in self.names if self.find(name) in ids}


def only_kept_clicks(graph: dict[str, list[Link]]) -> dict[str, list[Link]]:
    """int_visitor_links names only clicks that int_click_links has."""
    kept = {click for click, _ in graph["clicks"]}
    visitors = [(who, seen) for who, seen in graph["visitors"] if seen not in CLICKS or seen in kept]
    return graph | {"visitors": visitors}


@settings(max_examples=150, deadline=None)
@given(graphs, st.integers(1, 3))
def test_persons_are_those_of_a_naive_union_find(graph, most):
    graph = only_kept_clicks(graph)
    assert persons(**graph, most=most) == Naive(**graph, most=most).persons()


@settings(max_examples=60, deadline=None)
@given(graphs, st.randoms(use_true_random=False))
def test_neither_the_order_of_links_nor_how_often_they_stand_there_matters(graph, rng: random.Random):
    graph = only_kept_clicks(graph)
    shuffled = {step: rng.sample(pairs * 2, k=len(pairs) * 2) for step, pairs in graph.items()}
    assert persons(**shuffled) == persons(**graph)


@pytest.mark.parametrize("closed", [False, True])
def test_a_chain_of_any_length_and_a_circle_are_one_person(closed):
    chain = [(f"customer:{n}", f"customer:{n + 1}") for n in range(5000)]
    circle = [*chain, ("customer:5000", "customer:0")] if closed else chain
    assert set(persons(circle).values()) == {hashlib.md5(b"customer:0").hexdigest()}


def test_a_link_taken_out_splits_a_person_and_leaves_the_others_alone():
    pairs = [("customer:1", "email:a"), ("customer:2", "email:a"), ("customer:3", "email:b")]
    whole, split = persons(pairs), persons([pairs[0], ("customer:2", "customer:2"), pairs[2]])
    assert whole["customer:1"] == whole["customer:2"]
    assert split["customer:1"] == split["email:a"] != split["customer:2"]
    assert whole["customer:3"] == split["customer:3"]


def test_a_visit_more_does_not_change_a_persons_id():
    records = [("email:a", "email:a")]
    assert (
        persons(records)["email:a"] == persons(records, [("click:0", "email:a")], [("visitor:0", "email:a")])["email:a"]
    )


def test_nobody_is_nobody():
    assert persons([]) == {}
