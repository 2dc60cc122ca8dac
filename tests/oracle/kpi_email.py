"""kpi_email: what became of mails (docs/crm.md)."""

from collections import defaultdict

from .adverts import NONE
from .money import quotient, worth
from .reading import Row, World

RATES = {
    "open_rate": ("opens", "delivered"), "click_rate": ("clicks", "delivered"), "click_to_open": ("clicks", "opens"),
    "unsubscribe_rate": ("unsubscribes", "delivered"), "bounce_rate": ("bounces", "recipients"),
    "revenue_per_recipient": ("revenue", "recipients"),
}  # fmt: skip


def kpi_email(world: World) -> list[Row]:
    rows = [*_of_files(world), *_of_hubspot(world)]
    found = [row for row in rows if world.asked.is_kpi_day(row["date_day"])]
    return [row | {name: quotient(row[above], row[below]) for name, (above, below) in RATES.items()} for row in found]


def _of_files(world: World):
    names = ("campaign_id", "sent_at", "campaign_name", "recipients", "delivered", "opens", "clicks", "bounces")
    for row in world["files/email_campaigns"]:
        day = world.asked.day(row["sent_at"])
        told = {name: row[name] for name in (*names, "unsubscribes", "complaints")}
        revenue = row["revenue"] if row["currency"] else None
        yield told | {"source": "files", "date_day": day, "revenue": worth(world, revenue, row["currency"], day)}


def _of_hubspot(world: World):
    names = {row["campaign_id"]: row["campaign_name"] for row in world["hubspot/emails"]}
    sends: dict[tuple, list[Row]] = defaultdict(list)
    for message in _messages(world).values():
        sends[message["campaign_id"], world.asked.day(message["sent_at"])].append(message)
    for (campaign, day), messages in sends.items():
        told = {
            "source": "hubspot", "date_day": day, "campaign_id": campaign, "revenue": None,
            "campaign_name": names.get(campaign) or campaign, "sent_at": min(one["sent_at"] for one in messages),
            "recipients": len(messages), "delivered": sum(_is_delivered(one) for one in messages),
            "bounces": sum("BOUNCE" in one["told"] and not _is_delivered(one) for one in messages),
        }  # fmt: skip
        told["opens"] = _persons(messages, {"OPEN", "CLICK"})
        told["clicks"] = _persons(messages, {"CLICK"})
        told["unsubscribes"] = _persons(messages, {"UNSUBSCRIBE"})
        yield told | {"complaints": _persons(messages, {"COMPLAINT"})}


def _is_delivered(message: Row) -> bool:
    """What was opened was delivered."""
    return bool(message["told"] & {"DELIVERED", "OPEN", "CLICK"})


def _persons(messages: list[Row], kinds: set[str]) -> int:
    return len({one["recipient"] for one in messages if one["told"] & kinds})


def _messages(world: World) -> dict[str, Row]:
    """By the event that sent it: each message up to the mart's day, with the kinds of events that tell of it."""
    events = [
        row
        for row in world["hubspot/email_events"]
        if not row["is_filtered"] and not row["is_obsolete"] and world.asked.day(row["occurred_at"]) <= world.asked.last
    ]
    messages: dict[str, Row] = {
        row["event_id"]: {
            "campaign_id": row["campaign_id"] or NONE, "recipient": row["email_hash"] or row["event_id"],
            "sent_at": row["occurred_at"], "told": {"SENT"}, "email": row["email_hash"],
        }
        for row in events
        if row["event_type"] == "SENT"
    }  # fmt: skip
    for row in events:
        kind = row["event_type"]
        if kind == "STATUSCHANGE" and (row["subscription_status"] or "").upper() == "UNSUBSCRIBED":
            if message := _latest(messages, row):
                message["told"].add("UNSUBSCRIBE")
        elif row["sent_event_id"] in messages:
            messages[row["sent_event_id"]]["told"].add({"SPAMREPORT": "COMPLAINT"}.get(kind, kind))
    return messages


def _latest(messages: dict[str, Row], event: Row) -> Row | None:
    """HubSpot tells an unsubscription without its message: the person's latest one of that email."""
    before = [
        one
        for one in messages.values()
        if one["email"] and one["email"] == event["email_hash"] and one["sent_at"] <= event["occurred_at"]
        and one["campaign_id"] == (event["campaign_id"] or NONE)
    ]  # fmt: skip
    return max(before, key=lambda one: one["sent_at"], default=None)
