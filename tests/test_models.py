"""What holds of the models whatever the business: order does not matter, nothing is no error, a missing rate is one."""

import itertools
from pathlib import Path
from typing import Any

import pytest
import yaml
from example_world import DAYS, TOLD, built_example, example_world
from landed_world import PROJECT, LandedWorld

from marketing_mart.tables import MART_TABLES

MODELS = [path for path in (PROJECT / "models").rglob("*") if path.suffix in (".sql", ".py")]


def tables(world: LandedWorld, schema: str) -> dict[str, list[dict[str, Any]]]:
    names = world.rows(f"select table_name from information_schema.tables where table_schema = '{schema}' order by 1")
    return {
        name["table_name"]: world.rows(f"select * from {schema}.{name['table_name']} order by all") for name in names
    }


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> LandedWorld:
    """Nothing landed but two orders: one in a currency without a rate, one whose last rate is 8 days old."""
    world = LandedWorld(tmp_path_factory.mktemp("empty"))
    for order_id, currency in (("a", "SEK"), ("b", "EUR")):
        order = {"order_id": order_id, "ordered_at": f"{DAYS[0]}T10:00+00:00", "currency": currency, "net_amount": 10}
        world.land("files", "orders", [order])
    rate = {"date_day": "2025-05-24", "from_currency": "EUR", "to_currency": "USD", "rate": "1.1"}
    world.land("files", "fx_rates", [rate])
    world.build("--exclude-resource-type", "unit_test", kpi_start=DAYS[0], mart_date=DAYS[-1])
    return world


def test_the_order_of_landed_rows_does_not_matter(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    forwards, backwards = built_example(tmp_path_factory), example_world(tmp_path, backwards=True)
    backwards.build("--exclude-resource-type", "test", "unit_test", **TOLD)
    mart = tables(forwards, "mart")
    assert len(mart) == len(MART_TABLES) and mart["fct_orders"]
    assert mart == tables(backwards, "mart")


def test_a_mart_of_almost_nothing_is_dense_and_zero(empty: LandedWorld) -> None:
    rows = empty.rows("select date_day, spend, orders, mer from mart.kpi_daily order by date_day")
    assert [(str(row["date_day"]), row["spend"], row["orders"], row["mer"]) for row in rows] == [
        (DAYS[0], 0, 2, None),
        (DAYS[1], 0, 0, None),
        (DAYS[2], 0, 0, None),
    ]


def test_a_missing_rate_is_named_and_never_one(empty: LandedWorld) -> None:
    missing = empty.rows("select source, entity, currency, rows from intermediate.int_missing_rates order by currency")
    assert [tuple(row.values()) for row in missing] == [("files", "orders", "EUR", 1), ("files", "orders", "SEK", 1)]
    amounts = empty.rows("select net_amount, net_amount_local from mart.fct_orders")
    assert [tuple(row.values()) for row in amounts] == [(None, 10), (None, 10)]


def test_schemas_are_named_as_the_contract_says(empty: LandedWorld) -> None:
    schemas = {row["table_schema"] for row in empty.rows("select distinct table_schema from information_schema.tables")}
    assert schemas == {"landed", "staging", "intermediate", "mart"}


def test_every_model_has_a_yml_beside_it_that_names_its_columns(empty: LandedWorld) -> None:
    rows = empty.rows("select table_name, column_name from information_schema.columns order by 1, ordinal_position")
    emitted = {
        table: [row["column_name"] for row in columns]
        for table, columns in itertools.groupby(rows, key=lambda row: row["table_name"])
    }
    assert MODELS
    for path in MODELS:
        model = yaml.safe_load(path.with_suffix(".yml").read_text())["models"][0]
        assert (model["name"], [column["name"] for column in model["columns"]]) == (path.stem, emitted[path.stem])
        assert model["description"].startswith("One row per "), path.stem
        assert all(column["description"] for column in model["columns"]), path.stem


def test_personal_data_stays_out_of_the_mart(empty: LandedWorld) -> None:
    names = empty.rows("select distinct column_name from information_schema.columns where table_schema = 'mart'")
    assert not {"email_hash", "phone_hash", "customer_id", "visitor_id", "click_id"} & {n["column_name"] for n in names}


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_models_stay_short_and_end_in_final(path: Path) -> None:
    lines = path.read_text().rstrip().splitlines()
    assert len(lines) <= 80
    assert path.suffix == ".py" or lines[-1] == "select * from final"
