"""Products, promotions and sales channels, worked out by hand over `products_world`."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from landed_world import LandedWorld
from products_world import VARIABLES, products_world

PER_DAY = Decimal(4) / 28  # lamps a day in the 28 days before `early`: two on 20 May, two on 2 June


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> LandedWorld:
    """Built with every dbt test."""
    world = products_world(tmp_path_factory.mktemp("products"))
    world.build("--exclude-resource-type", "unit_test", **VARIABLES)
    return world


def product(world: LandedWorld, product_id: str, day: int) -> dict[str, Any]:
    (row,) = world.rows(
        f"select * from mart.kpi_product_daily where product_id = '{product_id}' and date_day = '2025-06-{day:02d}'"
    )
    return row


def place(world: LandedWorld, sales_channel: str, day: int) -> dict[str, Any]:
    (row,) = world.rows(
        f"select * from mart.kpi_channel_mix where sales_channel = '{sales_channel}' and date_day = '2025-06-{day:02d}'"
    )
    return row


def days_of(world: LandedWorld, product_id: str) -> dict[int, str | None]:
    rows = world.rows(f"select * from mart.kpi_product_daily where product_id = '{product_id}' order by date_day")
    return {row["date_day"].day: row["promotion_id"] for row in rows}


def test_a_product_is_one_wherever_it_is_sold(world: LandedWorld) -> None:
    row = product(world, "lamp", 5)
    assert (row["product_name"], row["units"], row["revenue"]) == ("Lamp", 2, 15)


def test_a_margin_is_of_known_costs_and_says_of_how_much(world: LandedWorld) -> None:
    row = product(world, "lamp", 5)  # 8 at a cost of 4, and 7 at an unknown one
    assert (row["margin"], row["revenue_with_cost"], row["known_cost_share"]) == (4, 8, 8 / 15)
    assert product(world, "bed", 3)["margin"] is None
    assert product(world, "mug", 3)["margin"] == 0, "nothing was sold, so nothing is unknown"


def test_more_may_be_given_back_than_was_sold(world: LandedWorld) -> None:
    row = product(world, "bed", 5)
    assert (row["sold_amount"], row["refund_amount"], row["revenue"], row["refund_rate"]) == (100, 120, -20, 1.2)
    assert (row["units"], row["returned_units"], row["known_cost_share"]) == (1, 1, None)


def test_a_credit_note_is_a_refund_of_its_own_day(world: LandedWorld) -> None:
    row = product(world, "(unallocated)", 4)
    assert (row["sold_amount"], row["refund_amount"], row["revenue"]) == (0, 5, -5)
    assert (row["units"], row["refund_rate"], row["product_name"]) == (None, None, None)


def test_a_day_without_sales_is_a_row_only_while_promoted(world: LandedWorld) -> None:
    assert days_of(world, "mug") == {3: "new", 4: "new"}
    row = product(world, "mug", 3)
    assert (row["units"], row["revenue"], row["refund_rate"], row["is_promoted"]) == (0, 0, None, True)
    assert row["lift"] is None, "none was sold before either"
    assert days_of(world, "bowl") == {1: None, 3: "new", 4: "new", 8: None}


def test_of_overlapping_promotions_a_day_belongs_to_the_first(world: LandedWorld) -> None:
    assert days_of(world, "lamp") == {2: None, 3: "early", 4: "early", 5: "early", 6: "early", 7: "late", 8: "late"}
    assert product(world, "lamp", 6)["discount_rate"] == Decimal("0.2")
    row = product(world, "lamp", 7)
    assert (row["promotion_days"], row["baseline_days"], row["baseline_units"]) == (1, 26, 4), "without the promoted"


def test_lift_compares_units_a_day_so_far_with_the_days_before(world: LandedWorld) -> None:
    days = {day: product(world, "lamp", day) for day in (3, 4, 5)}
    assert {day: (row["promotion_units"], row["promotion_days"]) for day, row in days.items()} == {
        3: (3, 1),
        4: (3, 2),
        5: (5, 3),
    }
    for row in days.values():
        expected = row["promotion_units"] / row["promotion_days"] / PER_DAY - 1
        assert row["lift"] == pytest.approx(float(expected), rel=1e-12)
    assert product(world, "lamp", 7)["lift"] == -1
    assert product(world, "lamp", 2)["lift"] is None, "no promotion that day"


def test_a_product_is_compared_only_with_days_on_which_it_existed(world: LandedWorld) -> None:
    vase, bowl = product(world, "vase", 3), product(world, "bowl", 3)
    assert (vase["baseline_days"], vase["lift"]) == (14, -1)
    assert (bowl["baseline_days"], bowl["units"], bowl["lift"]) == (13, 1, None), "too few to say"


def test_what_else_is_in_the_basket_is_compared_per_order(world: LandedWorld) -> None:
    row = product(world, "lamp", 3)  # with two beds; before, one bed in two orders
    assert (row["promoted_orders"], row["linked_units"], row["linked_lift"]) == (1, 2, 3)
    row = product(world, "lamp", 5)  # two orders of a lamp alone: two units in three orders so far
    assert (row["promoted_orders"], row["linked_units"]) == (2, 0)
    assert row["linked_lift"] == pytest.approx(1 / 3, rel=1e-12)


def test_a_promotion_that_cannot_be_right_is_kept_apart(world: LandedWorld) -> None:
    rows = world.rows("select row_key, reason from mart.quarantine where stream = 'promotions' order by row_key")
    assert [tuple(row.values()) for row in rows] == [
        ("mistyped|lamp", "ends_before_start"),
        ("mistyped|lmap", "unknown_product"),  # sofas are only announced
    ]
    assert days_of(world, "lmap") == {} == days_of(world, "sofa")


def test_sales_channels_take_their_names_from_what_orders_call_them(world: LandedWorld) -> None:
    rows = world.rows("select sales_channel, sum(orders) as orders, min(date_day) as first_day, count(*) as days "
                      "from mart.kpi_channel_mix group by sales_channel order by sales_channel")  # fmt: skip
    assert [tuple(row.values()) for row in rows] == [
        ("marketplace", 1, date(2025, 6, 8), 3),
        ("online", 7, date(2025, 6, 1), 10),
        ("other", 1, date(2025, 6, 8), 3),
        ("store", 3, date(2025, 6, 1), 10),
    ]


def test_a_customer_of_two_channels_on_a_day_is_shared_by_both(world: LandedWorld) -> None:
    online, store = place(world, "online", 5), place(world, "store", 5)
    assert (online["customers"], online["shared_customers"], online["shared_customer_share"]) == (2, 1, 0.5)
    assert (store["customers"], store["shared_customers"]) == (1, 1)


def test_customers_are_shared_for_a_year(world: LandedWorld) -> None:
    row = place(world, "online", 6)  # Hana was in the store 365 days before, Gil 366
    assert (row["customers"], row["shared_customers"], row["new_customers"]) == (2, 1, 0)
    row = place(world, "store", 6)  # Iris cancelled
    assert (row["orders"], row["customers"], row["shared_customer_share"]) == (1, 0, None)


def test_discount_depth_and_shares_are_of_sums(world: LandedWorld) -> None:
    row = place(world, "marketplace", 8)  # 20 less 5, in euros
    assert (row["gross_amount"], row["discount_amount"], row["discount_depth"]) == (24, 6, 0.25)
    assert (row["revenue"], row["revenue_share"]) == (18, 18 / 23)
    row = place(world, "store", 4)  # a credit note alone
    assert (row["revenue"], row["revenue_share"], row["orders"], row["gross_amount"]) == (-5, 1, 0, 0)


def test_prices_are_compared_product_by_product(world: LandedWorld) -> None:
    row = place(world, "store", 5)  # a lamp for 7; online, six brought 52 in 28 days
    assert row["compared_amount"] == 7
    assert row["price_gap"] == pytest.approx(7 / (52 / 6) - 1, rel=1e-9)
    row = place(world, "online", 5)  # a lamp for 8, three in the store brought 23; beds are sold online only
    assert (row["compared_amount"], row["compared_amount_elsewhere"]) == (8, Decimal("7.6666666667"))
    row = place(world, "marketplace", 8)  # bowls at 4.50 after discount; online two for 5, elsewhere one for 5
    assert row["price_gap"] == pytest.approx(4.5 / 5 - 1, rel=1e-9)
    assert place(world, "online", 6)["price_gap"] is None


def test_discount_codes_are_told_once_whatever_their_case(world: LandedWorld) -> None:
    rows = world.rows("select source, order_id, discount_code from mart.fct_order_discounts order by all")
    assert [tuple(row.values()) for row in rows] == [
        ("files", "s1", "TENOFF"),
        ("shopify", "m1", "SUMMER"),
        ("shopify", "m1", "VIP"),
    ]
