"""What conversions owe to touches: every conversion, its touches and their credit by each path model."""

from datetime import datetime, timedelta
from decimal import Decimal, localcontext

from . import crm, orders, visits
from .money import cut
from .reading import Row, World, once

UNKNOWN = ("(unattributed)", "")
HALF_LIFE = timedelta(days=7)
ONE, NIL = Decimal(1), Decimal(0)


def in_window(world: World, person: str | None, moment: datetime, days: int) -> list[Row]:
    """The person's touches from `days` before a moment up to it, oldest first."""
    since = moment - timedelta(days=days)
    return [touch for touch in visits.touches(world).get(person, []) if since <= touch["at"] <= moment]


def last_non_direct(touches: list[Row]) -> int:
    """The place of the last touch that is not Direct, or of the last one where all are."""
    told = [n for n, touch in enumerate(touches) if touch["channel"] != "Direct"]
    return told[-1] if told else len(touches) - 1


def _owed(touches: list[Row]) -> tuple[str, str]:
    if not touches:
        return UNKNOWN
    touch = touches[last_non_direct(touches)]
    return touch["channel"], touch["utm_campaign"]


@once
def conversions(world: World) -> list[Row]:
    """Every conversion in the full history; of those on KPI days also the touches that count."""
    found = [
        _conversion("first_order" if row["is_first"] else "repeat_order", row, row["order_id"], row["ordered_at"])
        | {"count": int(not row["is_credit_note"]), "revenue": row["net"]}
        for row in orders.orders(world)
    ]
    people_of = {(row["source"], row["contact_id"]): row["person"] for row in crm.contacts(world)}
    found += [
        _conversion("lead", row, row["contact_id"], row["lead_at"]) | {"count": 1, "revenue": None}
        for row in crm.contacts(world)
        if row["lead_at"]
    ]
    for row in crm.deals(world):
        if row["is_won"] and row["closed_at"]:
            won = _conversion("won_deal", row, row["deal_id"], row["closed_at"])
            person = people_of.get((row["source"], row["contact_id"]))
            found.append(won | {"person": person, "count": 1, "revenue": row["amount"]})
    windows = world.asked.told["attribution_windows"]
    found = [row for row in found if world.asked.day(row["at"]) <= world.asked.last]
    for row in found:
        row["date_day"] = world.asked.day(row["at"])
        if world.asked.is_kpi_day(row["date_day"]):
            row["touches"] = in_window(world, row["person"], row["at"], windows[row["type"]])
    return found


def _conversion(kind: str, row: Row, number: str, moment: datetime) -> Row:
    return {"type": kind, "source": row["source"], "id": number, "person": row.get("person"), "at": moment}


@once
def of_orders(world: World) -> dict[tuple[str, str], tuple[str, str]]:
    """(channel, utm_campaign) of each order of the KPI days, by source and id."""
    return {
        (row["source"], row["id"]): _owed(row["touches"])
        for row in conversions(world)
        if row["type"] in ("first_order", "repeat_order") and "touches" in row
    }


@once
def of_contacts(world: World) -> dict[tuple[str, str], tuple[str, str]]:
    """(channel, utm_campaign) of each contact: the last touch before it was created."""
    days = world.asked.told["attribution_windows"]["lead"]
    return {
        (row["source"], row["contact_id"]): _owed(in_window(world, row["person"], row["created_at"], days))
        for row in crm.contacts(world)
    }


def credited(model: str, at: datetime, touches: list[Row]) -> list[Decimal]:
    """Each touch's share of a conversion, cut off after 9 decimals; the last touch takes what is left."""
    count = len(touches)
    if model in ("first_touch", "last_touch", "last_non_direct"):
        chosen = {"first_touch": 0, "last_touch": count - 1}.get(model, last_non_direct(touches))
        return [ONE if n == chosen else NIL for n in range(count)]
    weights = _weights(model, at, touches)
    with localcontext() as context:
        context.prec = 50
        shares = [cut(weight / sum(weights), 9) for weight in weights[:-1]]
    return [*shares, ONE - sum(shares, NIL)]


def _weights(model: str, at: datetime, touches: list[Row]) -> list[Decimal]:
    count = len(touches)
    if model == "linear" or count == 1:
        return [ONE] * count
    if model == "time_decay":
        with localcontext() as context:
            context.prec = 50
            ages = [Decimal((at - touch["at"]) // timedelta(microseconds=1)) for touch in touches]
            return [Decimal(2) ** (-age / Decimal(HALF_LIFE // timedelta(microseconds=1))) for age in ages]
    assert model == "position_based", model
    if count == 2:
        return [ONE, ONE]
    with localcontext() as context:
        context.prec = 50
        return [Decimal(40), *[Decimal(20) / (count - 2)] * (count - 2), Decimal(40)]
