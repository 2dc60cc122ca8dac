"""Who is linked with whom, and who is not: the rules of docs/identity.md on one small world."""

import hashlib

import pytest
from identity_world import DAY, NEVER_LINK, identity_world
from landed_world import LandedWorld


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> LandedWorld:
    """Built up to dim_customer, with the dbt tests of what that takes."""
    world = identity_world(tmp_path_factory.mktemp("identity"))
    world.build(
        "--exclude-resource-type", "unit_test", "--select", "+dim_customer", "+fct_sessions",
        "--indirect-selection", "cautious",
        mart_date=DAY, kpi_start=DAY, never_link=NEVER_LINK,
    )  # fmt: skip
    return world


@pytest.fixture(scope="module")
def orders(world: LandedWorld) -> dict[str, str]:
    """Order -> person."""
    return {row["order_id"]: row["person_id"] for row in world.rows("select * from mart.fct_orders")}


@pytest.fixture(scope="module")
def visits(world: LandedWorld) -> dict[str, str]:
    """Visit of the tracker -> person."""
    rows = world.rows("select * from mart.fct_sessions where source = 'files'")
    return {row["session_id"]: row["person_id"] for row in rows}


@pytest.fixture(scope="module")
def persons(world: LandedWorld) -> dict[str, str]:
    """Identifier -> person."""
    return {row["identifier"]: row["person_id"] for row in world.rows("select * from intermediate.int_persons")}


def alone(identifier: str) -> str:
    return hashlib.md5(identifier.encode()).hexdigest()


def test_a_chain_over_shop_store_and_crm_is_one_person(persons, orders) -> None:
    chain = ("customer:chain", "email:chain@", "phone:+chain", "contact:files:fc")
    assert {persons[name] for name in chain} == {orders["chained"]} == {alone("contact:files:fc")}


def test_an_order_that_tells_nobody_is_a_person_of_its_own(orders) -> None:
    assert orders["alone"] == alone("order:files:alone")


def test_a_test_order_links_nobody(persons) -> None:
    assert "email:ann-tests@" not in persons


def test_a_phone_that_more_than_five_accounts_share_is_nobodys(persons, orders) -> None:
    assert "phone:+shop" not in persons
    assert len({persons[f"customer:clerk{n}"] for n in range(6)}) == 6
    assert orders["at the till 1"] != orders["at the till 2"]
    assert orders["till guest"] == alone("email:till@")


def test_an_email_that_more_than_five_accounts_share_is_nobodys_but_one_of_five_is(persons, orders, visits) -> None:
    assert len({persons[f"customer:office{n}"] for n in range(6)}) == 6
    assert orders["office guest"] == alone("order:files:office guest")
    assert visits["office"] == alone("visitor:v-office")
    assert len({persons[f"customer:five{n}"] for n in range(5)}) == 1


def test_who_sends_presents_to_many_numbers_is_one_person(orders) -> None:
    assert len({orders[f"present {n}"] for n in range(7)}) == 1


def test_a_device_of_two_makes_them_one_and_what_it_saw_theirs(orders, visits) -> None:
    assert orders["of ann"] == orders["of bob"] == visits["at home"] == visits["ann"]


def test_a_device_of_three_links_nobody(orders, visits) -> None:
    assert len({orders[f"of {who}"] for who in ("cat", "dan", "eve")}) == 3
    assert [visits[who] for who in ("cat", "dan", "eve")] == [orders[f"of {who}"] for who in ("cat", "dan", "eve")]
    assert visits["on the tablet"] == alone("visitor:tablet")


def test_a_click_that_a_contact_kept_leads_to_its_visits_and_its_visitor(persons, visits) -> None:
    contact = persons["contact:hubspot:c1"]
    assert visits["clicked"] == visits["before"] == persons["click:G-c1"] == contact


def test_on_a_shared_device_a_visit_is_still_its_own_clicks(persons, visits) -> None:
    assert visits["by click on the tablet"] == persons["contact:hubspot:c1"]


def test_a_click_that_came_with_three_visitors_links_nobody(persons, visits) -> None:
    assert "click:G-passed-on" not in persons
    assert visits["passed on 0"] == alone("visitor:v-passed0")


def test_a_click_that_three_persons_kept_links_nobody_and_counts_against_no_visitor(persons, visits) -> None:
    assert len({persons[f"contact:hubspot:c{n}"] for n in (3, 4, 5)}) == 3
    assert "click:F-three" not in persons
    assert visits["three"] == visits["three by mail"] == persons["contact:hubspot:c3"]


def test_a_click_in_the_shops_journey_is_the_buyers_but_gbraid_is_nobodys(orders, visits) -> None:
    assert visits["shop click"] == orders["journey"]
    assert visits["gbraid"] == alone("visitor:v-gbraid")


def test_the_shops_visits_are_the_buyers(world, orders) -> None:
    rows = world.rows("select session_id, person_id from mart.fct_sessions where source = 'shopify'")
    assert {row["session_id"]: row["person_id"] for row in rows} == dict.fromkeys(("j1", "j2"), orders["journey"])


def test_a_stranger_is_known_by_the_visitor_id_alone_and_who_left_nothing_is_nobody(visits) -> None:
    assert visits["stranger"] == alone("visitor:v-stranger")
    assert visits["nobody"] is None
    assert visits["by mail alone"] == alone("email:mail-only@")


def test_a_visitor_seen_late_with_two_names_makes_them_one(orders, visits) -> None:
    assert orders["clicked late"] == orders["of ann"] == visits["late"]


def test_configuration_splits_an_account_from_everything_it_shares(persons, orders) -> None:
    assert orders["split by email"] == alone("customer:split2")
    assert orders["split guest"] == persons["customer:split1"] == persons["email:split@"] != alone("customer:split2")
    assert persons.get("phone:+split") is None


def test_configuration_takes_a_wrong_account_out_of_one_order(orders) -> None:
    assert orders["mistyped"] == alone("email:other@")


def test_configuration_takes_a_visitor_out_and_its_own_visits_stay(orders, visits) -> None:
    assert visits["unlinked"] == orders["unlinked"]
    assert visits["unlinked later"] == alone("visitor:unlinked")


def test_no_order_is_lost_or_of_two_persons(world, orders) -> None:
    landed = world.rows("select count(*) as orders from landed.files__orders")[0]["orders"]
    assert len(orders) == landed + 1 and None not in orders.values()
    (customers,) = world.rows("select sum(orders) as orders, sum(net_revenue) as revenue from mart.dim_customer")
    assert customers == {"orders": len(orders), "revenue": 10 * len(orders)}


def test_customers_are_known_by_more_than_a_visitor(world, orders, visits) -> None:
    rows = {row["person_id"]: row for row in world.rows("select * from mart.dim_customer")}
    assert visits["stranger"] not in rows and visits["on the tablet"] not in rows
    assert visits["by mail alone"] in rows
    chain, home = rows[orders["chained"]], rows[orders["of ann"]]
    assert (chain["emails"], chain["phones"], chain["shop_accounts"], chain["visitors"]) == (1, 1, 1, 0)
    assert (home["emails"], home["phones"], home["shop_accounts"], home["visitors"]) == (1, 0, 2, 2)
    assert (home["orders"], home["sessions"]) == (3, 5)
