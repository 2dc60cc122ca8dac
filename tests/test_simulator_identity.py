"""Who is who in the simulated world: by hand on a few records, and the awkward cases that the demo must show."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest
from test_simulator_ledger import contact, customer, order, visit

from marketing_mart.privacy import normalise_phone
from simulator import identity, phones
from simulator.identity import Persons, normal_phone
from simulator.nouns import Contact, Customer, Order, View, Visit
from simulator.world import World

ANN, BOB, CAT = (customer(name, f"{name}@example.com") for name in ("ann", "bob", "cat"))


class Records:
    """A view of what a test names."""

    def __init__(
        self, *visits: Visit, orders: tuple[Order, ...] = (), contacts: tuple[Contact, ...] = (),
        customers: tuple[Customer, ...] = (ANN, BOB, CAT),
    ) -> None:  # fmt: skip
        self._parts = {"visits": visits, "orders": orders, "contacts": contacts, "customers": customers}

    def __getattr__(self, name: str):
        return lambda: list(self._parts.get(name, ()))


def seen(visitor: str, customer_id: str = "", click_id: str = "") -> Visit:
    return replace(visit("v", "03-01T10:00", "Direct", customer_id), visitor_id=visitor, click_id=click_id)


def persons(*names: str, of: Persons) -> int:
    return len({of.person(("customer", name)) for name in names})


@pytest.mark.parametrize(("names", "left"), [(("ann", "bob"), 1), (("ann", "bob", "cat"), 3)])
def test_a_device_joins_two_and_no_more(names, left) -> None:
    found = Persons(Records(*(seen("home", name) for name in names)))
    assert persons(*names, of=found) == left
    joined = found.of_visit(seen("home")) == found.of_visit(seen("home", "ann"))
    assert joined == (left == 1)


def test_a_click_that_a_contact_kept_is_the_contacts_unless_it_was_passed_on() -> None:
    clicked = replace(contact("k", "k@example.com", "03-01T12:00", "lead:1"), google_click_id="G")
    for visitors, is_known in (("a", True), ("abc", False)):
        found = Persons(Records(*(seen(each, click_id="G") for each in visitors), contacts=(clicked,)))
        assert (found.of_visit(seen("a")) == found.of_contact("k")) == is_known


def test_a_phone_of_six_is_nobodys() -> None:
    for count, people in ((5, 1), (6, 6)):
        sharing = tuple(replace(customer(f"c{n}", ""), phone=phones.SHOP) for n in range(count))
        found = Persons(Records(customers=sharing))
        assert persons(*(each.customer_id for each in sharing), of=found) == people


def test_a_test_order_tells_nothing() -> None:
    found = Persons(Records(orders=(order("o", "03-01T12:00", "10", ANN, "bob@example.com", test=True),)))
    assert persons("ann", "bob", of=found) == 2


@cache
def shown(day: str = "2024-12-01") -> View:
    return World(7, "demo").as_of(datetime.fromisoformat(day).replace(tzinfo=UTC))


def test_a_days_people_have_a_number_each_for_four_years_and_all_are_ones_that_could_be() -> None:
    given = [phones.number(day, nth) for day in range(1600) for nth in range(40)]
    assert len(set(given)) == len(given) and phones.SHOP not in given
    assert phones.number(1, 40) == ""
    for number in (*given[::37], phones.SHOP):
        assert normal_phone(number) == normal_phone(phones.compact(number)) == normalise_phone(number, "US"), number


def test_the_demo_shows_the_awkward_cases_of_identity() -> None:
    some = shown()
    found = Persons(some)
    seen_with = defaultdict(set)
    for each in some.visits():
        if each.customer_id:
            seen_with[each.visitor_id].add(each.customer_id)
    shared = {visitor: names for visitor, names in seen_with.items() if len(names) > identity.MOST_PERSONS}
    families = [names for visitor, names in seen_with.items() if len(names) == 2 and "tablet" not in visitor]
    mails = {normal: found.of_contact(c.contact_id) for c in some.contacts() if (normal := c.email)}
    buyers = {found.of_order(o): o for o in some.orders() if not o.is_test}
    cases = {
        "a tablet shared by many": any(visitor.startswith("tablet") for visitor in shared),
        "a family that is one person": any(persons(*names, of=found) == 1 for names in families),
        "a phone that is nobody's": any(o.phone == phones.SHOP for o in some.store_orders()),
        "known by phone alone": any(o.phone and not o.email and not o.customer for o in some.orders()),
        "two typings of a number": any(o.phone.startswith("+") and " " not in o.phone for o in some.orders()),
        "a buyer whose contact has another address": any(
            person in buyers and ".work@" in mail and ".work@" not in buyers[person].email
            for mail, person in mails.items()
        ),
        "a contact without address who buys": any(
            found.of_contact(c.contact_id) in {found.of_order(o) for o in some.store_orders()}
            for c in some.contacts()
            if not c.email
        ),
        "a click that was passed on": any(
            c.google_click_id and sum(v.click_id == c.google_click_id for v in some.visits()) > identity.MOST_PERSONS
            for c in some.contacts()[:200]
        ),
    }
    assert [name for name, is_there in cases.items() if not is_there] == []


def test_persons_whom_different_systems_know_become_one_late() -> None:
    early, late = Persons(shown("2024-09-01")), Persons(shown())
    known = [("contact", c.contact_id) for c in shown("2024-09-01").contacts()]
    known += [("customer", c.customer_id) for c in shown("2024-09-01").customers()]
    still = {each.contact_id for each in shown().contacts()}
    known = [each for each in known if each[0] == "customer" or each[1] in still]
    assert len({late.person(each) for each in known}) < len({early.person(each) for each in known})
