"""Contacts that live and deals that were not deleted, created up to the mart's day."""

from . import people
from .money import worth
from .reading import Row, World, once

STAGES = {"lead_at": "lead", "mql_at": "marketingqualifiedlead", "sql_at": "salesqualifiedlead"}


@once
def contacts(world: World) -> list[Row]:
    gone = people.survivors(world)
    found = []
    for row in world["hubspot/contacts"]:
        if row["is_archived"] or row["contact_id"] in gone:
            continue
        history = row["lifecycle_history"] or []
        times = {
            name: min((entry["entered_at"] for entry in history if entry["stage"] == stage), default=None)
            for name, stage in STAGES.items()
        }
        found.append({"source": "hubspot", "landed": row, **times})
    for row in world["files/contacts"]:
        found.append({"source": "files", "landed": row, **{name: row[name] for name in STAGES}})
    found = [row for row in found if world.asked.day(row["landed"]["created_at"]) <= world.asked.last]
    for row in found:
        row["contact_id"], row["created_at"] = row["landed"]["contact_id"], row["landed"]["created_at"]
        row["date_day"] = world.asked.day(row["created_at"])
        row["person"] = people.person_of_contact(world, row["source"], row["landed"])
        for name in STAGES:
            row[name.replace("_at", "_day")] = world.asked.day(row[name])
    return found


@once
def deals(world: World) -> list[Row]:
    gone = people.survivors(world)
    found = []
    for row in world["hubspot/deals"]:
        if not row["is_archived"]:
            first = next(iter(row["contact_ids"] or []), None)
            found.append({"source": "hubspot", "landed": row, "contact_id": gone.get(first, first)})
    found += [{"source": "files", "landed": row, "contact_id": row["contact_id"]} for row in world["files/deals"]]
    for row in found:
        told = row["landed"]
        row |= {name: told[name] for name in ("deal_id", "created_at", "closed_at", "stage", "currency")}
        row["is_won"], row["amount_local"] = bool(told["is_won"]), told["amount"]
        row["date_day"], row["closed_day"] = world.asked.day(row["created_at"]), world.asked.day(row["closed_at"])
    found = [row for row in found if row["date_day"] <= world.asked.last]
    for row in found:
        row["amount"] = worth(world, row["amount_local"], row["currency"], row["date_day"])
    return found
