"""Visits up to the mart's day, and the touches of persons."""

from bisect import bisect_left
from datetime import datetime, timedelta

from . import channels, crm, people
from .reading import Row, World, once

HALF_AN_HOUR = timedelta(minutes=30)


@once
def visits(world: World) -> list[Row]:
    """The tracker's, and the shop's (which count only where no tracker ever landed one)."""
    found = []
    for row in world["files/sessions"]:
        more = {"is_counted": True, "is_engaged": row["is_engaged"], "person": people.person_of_visit(world, row)}
        found.append(_visit(world, "files", row["session_id"], row["started_at"], row) | more)
    no_tracker = not world["files/sessions"]
    for order in world["shopify/orders"]:
        if order["is_test"] or world.asked.day(order["processed_at"]) > world.asked.last:
            continue
        more = {"is_counted": no_tracker, "is_engaged": None}
        more["person"] = people.person_of_order(world, "shopify", order)
        for row in order["visits"] or []:
            found.append(_visit(world, "shopify", row["visit_id"], row["occurred_at"], row) | more)
    return [row for row in found if row["date_day"] <= world.asked.last]


def _visit(world: World, source: str, number: str, moment, row: Row) -> Row:
    return {
        "source": source, "session_id": number, "at": moment, "date_day": world.asked.day(moment),
        "channel": channels.of_visit(world, row["source"], row["medium"], row["campaign"]),
        "utm_campaign": row["campaign"] or "",
    }  # fmt: skip


def _is_seen_by_tracker(moments: list[datetime], moment: datetime) -> bool:
    """Whether one of the tracker's moments, which are sorted, lies within half an hour."""
    place = bisect_left(moments, moment - HALF_AN_HOUR)
    return place < len(moments) and moments[place] <= moment + HALF_AN_HOUR


def _all_touches(world: World):
    """(person, type, source, id, moment, channel, campaign) of all that is a touch."""
    tracked: dict[tuple[str, str], list[datetime]] = {}
    for row in visits(world):
        if row["source"] == "files":
            tracked.setdefault((row["person"], row["channel"]), []).append(row["at"])
    for moments in tracked.values():
        moments.sort()
    for row in visits(world):
        theirs = tracked.get((row["person"], row["channel"]), [])
        if row["source"] == "shopify" and _is_seen_by_tracker(theirs, row["at"]):
            continue
        yield row["person"], "session", row["source"], row["session_id"], row["at"], row["channel"], row["utm_campaign"]
    for row in world["hubspot/email_events"]:
        if row["event_type"] == "CLICK" and not row["is_filtered"] and not row["is_obsolete"]:
            who = people.known_person(world, row)
            yield who, "email_click", "hubspot", row["event_id"], row["occurred_at"], "Email", row["utm_campaign"]
    for row in crm.contacts(world):
        told = row["landed"]
        if row["source"] == "files" and (told["source"] or told["medium"]):
            channel = channels.of_visit(world, told["source"], told["medium"], told["campaign"])
            yield row["person"], "lead_form", "files", row["contact_id"], row["created_at"], channel, told["campaign"]
    for row in world["files/events"]:
        channel = row["channel"] or channels.of_visit(world, None, None, row["campaign"])
        who = people.known_person(world, row)
        yield who, "event", "files", row["event_id"], row["occurred_at"], channel, row["campaign"]


@once
def touches(world: World) -> dict[str, list[Row]]:
    """By person, in order of time, then of id."""
    found: dict[str, list[Row]] = {}
    for person, kind, source, number, moment, channel, campaign in _all_touches(world):
        if person and world.asked.day(moment) <= world.asked.last:
            touch = {"at": moment, "id": f"{kind}:{source}:{number}", "channel": channel}
            found.setdefault(person, []).append(touch | {"utm_campaign": campaign or ""})
    for person in found:
        found[person].sort(key=lambda touch: (touch["at"], touch["id"]))
    return found
