"""Who is one person (docs/identity.md): a union-find in three steps of falling trust."""

from collections import defaultdict
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from .reading import Row, World, once

# Parameters of a landing page that tell one click on an ad; gbraid and wbraid stand for many.
CLICKS = ("gclid", "fbclid", "msclkid", "dclid", "ttclid", "twclid", "li_fat_id")


class Groups:
    """Disjoint sets of identifiers."""

    def __init__(self) -> None:
        self.parent: dict[str, str] = {}

    def __contains__(self, name: str) -> bool:
        return name in self.parent

    def find(self, name: str) -> str:
        self.parent.setdefault(name, name)
        root = name
        while self.parent[root] != root:
            root = self.parent[root]
        while self.parent[name] != root:
            self.parent[name], name = root, self.parent[name]
        return root

    def join(self, names: list[str]) -> None:
        for name in names:
            self.parent[self.find(name)] = self.find(names[0])


@once
def survivors(world: World) -> dict[str, str]:
    """Of a merged HubSpot contact the one that it lives on in."""
    into = {str(gone): row["contact_id"] for row in world["hubspot/contacts"] for gone in row["merged_ids"] or []}
    found = {}
    for gone in into:
        last, seen = gone, {gone}
        while last in into and into[last] not in seen:
            last = into[last]
            seen.add(last)
        found[gone] = last
    return found


def _contact(world: World, source: str, row: Row) -> str:
    number = row["contact_id"]
    return f"contact:{source}:{survivors(world).get(number, number) if source == 'hubspot' else number}"


def _record(owner: str | None, row: Row) -> list[str | None]:
    """[owner, email, phone], each None where the record tells none."""
    email, phone = row.get("email_hash"), row.get("phone_hash")
    return [owner, f"email:{email}" if email else None, f"phone:{phone}" if phone else None]


def _customer(row: Row) -> str | None:
    return f"customer:{row['customer_id']}" if row["customer_id"] else None


@once
def _records(world: World) -> list[list[str | None]]:
    """What orders, customers and contacts carry together; test orders link nothing."""
    found = [_record(_customer(row), row) for row in world["shopify/customers"]]
    for source in ("shopify", "files"):
        found += [_record(_customer(row), row) for row in _orders(world, source)]
    for source in ("hubspot", "files"):
        found += [_record(_contact(world, source, row), row) for row in _contacts(world, source)]
    return found


def _orders(world: World, source: str) -> list[Row]:
    """Up to the mart's day, without tests."""
    if source == "shopify":
        return [row for row in world["shopify/orders"] if not row["is_test"] and _is_told(world, row["processed_at"])]
    rows = [row for row in world["files/orders"] if (row["status"] or "").lower() != "test"]
    return [row for row in rows if _is_told(world, row["ordered_at"])]


def _contacts(world: World, source: str) -> list[Row]:
    """Those that live, and those that were merged into them, up to the mart's day."""
    rows = {row["contact_id"]: row for row in world[f"{source}/contacts"]}
    ends = {number: survivors(world).get(number, number) if source == "hubspot" else number for number in rows}
    living = {
        number
        for number, row in rows.items()
        if not row.get("is_archived") and number == ends[number] and _is_told(world, row["created_at"])
    }
    return [row for number, row in rows.items() if ends[number] in living]


def _is_told(world: World, moment: datetime) -> bool:
    return world.asked.day(moment) <= world.asked.last


@once
def _nobodys(world: World) -> set[str]:
    """Emails and phones beside too many accounts (a phone: or emails)."""
    most = world.asked.told["max_accounts_per_address"]
    beside: dict[tuple[str, str], set[str]] = defaultdict(set)
    for owner, email, phone in _records(world):
        for address in filter(None, (email, phone)):
            if owner:
                beside[address, owner.split(":")[0]].add(owner)
        if email and phone:
            beside[phone, "email"].add(email)
    return {address for (address, _kind), others in beside.items() if len(others) > most}


def _telling(world: World, names: list[str | None]) -> list[str]:
    return [name for name in names if name and name not in _nobodys(world)]


def _names_of_order(world: World, source: str, row: Row) -> list[str]:
    return _telling(world, _record(_customer(row), row)) or [f"order:{source}:{row['order_id']}"]


@once
def persons(world: World) -> Groups:
    assert not world.asked.told["never_link"], "this reading knows no links taken out by configuration"
    groups = Groups()
    for names in _records(world):
        if telling := _telling(world, names):
            groups.join(telling)
    for source in ("shopify", "files"):
        for row in _orders(world, source):
            groups.find(_names_of_order(world, source, row)[0])
    _join_clicks(world, groups)
    _join_visitors(world, groups)
    return groups


def _sessions(world: World) -> list[Row]:
    return [row for row in world["files/sessions"] if world.asked.day(row["started_at"]) <= world.asked.last]


def _join_clicks(world: World, groups: Groups) -> None:
    holders: dict[str, set[str]] = defaultdict(set)
    for row in _contacts(world, "hubspot"):
        for click in (row["google_click_id"], row["facebook_click_id"]):
            if click:
                holders[click].add(groups.find(_contact(world, "hubspot", row)))
    for order in _orders(world, "shopify"):
        buyer = groups.find(_names_of_order(world, "shopify", order)[0])
        for visit in order["visits"] or []:
            for name, click in parse_qsl(urlsplit(visit["landing_url"] or "").query):
                if name in CLICKS and click:
                    holders[click].add(buyer)
    visitors: dict[str, set[str]] = defaultdict(set)
    for row in _sessions(world):
        if row["click_id"] and row["visitor_id"]:
            visitors[row["click_id"]].add(row["visitor_id"])
    most = world.asked.told["max_persons_per_visitor"]
    for click, people in holders.items():
        if len(people) <= most and len(visitors[click]) <= most:
            groups.join([f"click:{click}", *people])


def _names_of_visit(world: World, groups: Groups, row: Row) -> list[str]:
    """What a visit itself tells of who came, the surest first."""
    names = [_customer(row), f"email:{row['email_hash']}" if row["email_hash"] else None]
    click = f"click:{row['click_id']}"
    return _telling(world, names) + ([click] if click in groups else [])


def _join_visitors(world: World, groups: Groups) -> None:
    seen: dict[str, set[str]] = defaultdict(set)
    for row in _sessions(world):
        names = _names_of_visit(world, groups, row)
        for name in names:
            groups.find(name)
        if row["visitor_id"]:
            seen[f"visitor:{row['visitor_id']}"].update(names)
    joined = [(visitor, {groups.find(name) for name in names}) for visitor, names in seen.items()]
    for visitor, people in joined:
        if people and len(people) <= world.asked.told["max_persons_per_visitor"]:
            groups.join([visitor, *people])


def person_of_order(world: World, source: str, row: Row) -> str:
    return persons(world).find(_names_of_order(world, source, row)[0])


def person_of_contact(world: World, source: str, row: Row) -> str:
    return persons(world).find(_contact(world, source, row))


def person_of_visit(world: World, row: Row) -> str | None:
    """Of a visit that the tracker saw; of an unknown visitor a person of its own."""
    names = _names_of_visit(world, persons(world), row)
    names += [f"visitor:{row['visitor_id']}"] if row["visitor_id"] else []
    return persons(world).find(names[0]) if names else None


def known_person(world: World, row: Row) -> str | None:
    """Of a record that names a customer or an email; None where nobody is known by it."""
    names = [_customer(row) if row.get("customer_id") else None]
    names += [f"email:{row['email_hash']}" if row["email_hash"] else None]
    return next((persons(world).find(name) for name in _telling(world, names) if name in persons(world)), None)
