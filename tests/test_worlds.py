"""The rules of the mart on worlds of awkward shape: named ones, and what Hypothesis draws (WORLDS=500 for many)."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from worlds.compiled import compiled
from worlds.drawn import businesses
from worlds.rules import RULES
from worlds.shapes import SHAPES
from worlds.usual import usual

NAMED = {"usual": usual} | {name: lambda shape=shape: shape.give(usual()) for name, shape in SHAPES.items()}
FEW = 10
WORLDS = int(os.environ.get("WORLDS", FEW))
# The same worlds in every run, unless many are asked for: then others each time, and those that failed first.
DRAWN = settings(
    max_examples=WORLDS,
    derandomize=WORLDS == FEW,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    **{"database": None} if WORLDS == FEW else {},
)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return compiled(tmp_path_factory.mktemp("compiled"))


@pytest.fixture(scope="module", params=NAMED)
def named(request, project):
    """A world's name, rows and mart."""
    rows = NAMED[request.param]()
    with project.mart(rows) as mart:
        yield request.param, rows, mart


def test_a_world_has_the_shape_that_it_is_named_for(named):
    name, _rows, mart = named
    shows = SHAPES[name].shows if name in SHAPES else "select count(*) > 0 from fct_orders"
    assert [list(one.values()) for one in mart.told(shows)] == [[True]]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_holds_in_a_world_of_awkward_shape(named, rule):
    _name, rows, mart = named
    assert not (found := RULES[rule](rows, mart)), "\n".join(found)


@pytest.fixture(scope="module")
def tried():
    """The worlds that were drawn, told at the end."""
    counted: list[int] = []
    yield counted
    print(f"\n{len(counted)} worlds drawn, {sum(counted)} rows")


@DRAWN
@given(rows=businesses())
def test_every_rule_holds_in_a_world_that_is_drawn(project, tried, rows):
    tried.append(sum(map(len, rows.values())))
    with project.mart(rows) as mart:
        found = {name: broken for name, rule in RULES.items() if (broken := rule(rows, mart))}
    assert not found, found
