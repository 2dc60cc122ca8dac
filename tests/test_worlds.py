"""The rules of the mart on worlds of awkward shape: named ones, and what Hypothesis draws (WORLDS=500 for many)."""

import os
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from dag_runs import TELL_OF_LOADS
from hypothesis import HealthCheck, given, settings
from worlds.compiled import compiled
from worlds.drawn import businesses
from worlds.landed import instant, till
from worlds.loads import landed_in_parts
from worlds.rules import RULES
from worlds.shapes import SHAPES
from worlds.usual import usual

from marketing_mart.tables import MART_TABLES

NAMED = {"usual": usual} | {name: lambda shape=shape: shape.give(usual()) for name, shape in SHAPES.items()}
OF_ROWS = [name for name in MART_TABLES if name not in TELL_OF_LOADS]
FEW = 8
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


def test_the_same_rows_make_the_same_mart_however_they_were_landed(named, project, tmp_path):
    """Rule 8."""
    _name, rows, mart = named
    assert not (found := otherwise(project, mart, rows, tmp_path)), "\n".join(found)


def otherwise(project, mart, rows, home):
    """The tables that are not the same, and the data tests that fail, once rows were landed in parts and restated."""
    with project.mart(landed_in_parts(rows, home, seed=len(rows))) as other:
        return other.broken() + [name for name in OF_ROWS if other.table(name) != mart.table(name)]


def test_an_amount_before_its_currencys_first_rate_is_told_and_not_taken_for_0(project):
    """The gate over the mart stops a release that has any."""
    rows = SHAPES["a currency that appears late"].give(usual())
    rows["files__orders"].append(till("early", instant("2024-03-14T12:00"), "10", "GBP"))
    with project.mart(rows) as mart:
        missing = mart.told("select currency, date_day from intermediate.int_missing_rates")
        (early,) = mart.told("select net_amount_local, net_amount from fct_orders where order_id = 'early'")
    assert missing == [{"currency": "GBP", "date_day": date(2024, 3, 14)}]
    assert early == {"net_amount_local": 10, "net_amount": None}


@pytest.fixture(scope="module")
def tried(request):
    """Rows of each world that was drawn; how many there were is told at the end."""
    rows: list[int] = []
    yield rows
    if reporter := request.config.pluginmanager.get_plugin("terminalreporter"):
        reporter.write_line(f"\n{len(rows)} worlds drawn, of {min(rows)} to {max(rows)} rows")


@DRAWN
@given(rows=businesses())
def test_every_rule_holds_in_a_world_that_is_drawn(project, tried, rows):
    tried.append(sum(map(len, rows.values())))
    with project.mart(rows) as mart, TemporaryDirectory() as home:
        found = {name: rule(rows, mart) for name, rule in RULES.items()}
        found["loads"] = otherwise(project, mart, rows, Path(home))
    assert not any(found.values()), found
