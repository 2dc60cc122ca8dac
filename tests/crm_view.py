"""A hand-made View of a CRM, small enough to tell by heart.

Contacts: Anna (101; 102 was merged into her), Ben (103), somebody without an address (104), and three who were all
changed in the same millisecond (105, 106, 1000: a larger number, though a smaller text).
Deals: 201 won (USD, Ben then Anna), 202 open (EUR, nobody), 203 lost (USD, Anna).
"""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from simulator.nouns import Contact, Deal


def at(month: int, day: int, hour: int = 12) -> datetime:
    return datetime(2025, month, day, hour, tzinfo=UTC)


ANNA = Contact(
    "101", "Anna.Lee+News@Example.com", "+1 415 555 2671", "Anna", "Lee", at(3, 1), at(3, 20),
    (("subscriber", at(3, 1)), ("lead", at(3, 2)), ("marketingqualifiedlead", at(3, 5)), ("customer", at(3, 18))),
    ("102",), "PAID_SEARCH",
)  # fmt: skip
BEN = Contact(
    "103", "ben@example.org", "", "Ben", "Okafor", at(3, 3), at(3, 3), (("lead", at(3, 3)),), (), "DIRECT_TRAFFIC"
)  # fmt: skip
NOBODY = Contact("104", "", "", "", "", at(3, 4), at(3, 4), (("lead", at(3, 4)),), (), "OFFLINE")
SAME_TIME = tuple(
    replace(BEN, contact_id=contact_id, email=f"c{contact_id}@example.org", updated_at=at(3, 10))
    for contact_id in ("105", "106", "1000")
)
DEALS = (
    Deal(
        "201", ("103", "101"), at(3, 6), at(3, 18), (("appointmentscheduled", at(3, 6)), ("closedwon", at(3, 18))),
        Decimal("1250.50"), "USD", at(3, 18), True,
    ),
    Deal("202", (), at(3, 7), at(3, 7), (("appointmentscheduled", at(3, 7)),), Decimal("80.00"), "EUR", None, False),
    Deal(
        "203", ("101",), at(3, 8), at(3, 9), (("appointmentscheduled", at(3, 8)), ("closedlost", at(3, 9))),
        Decimal("300.00"), "USD", at(3, 9), False,
    ),
)  # fmt: skip


class HandMade:
    """A view that is its own clock."""

    def __init__(self, contacts: tuple = (*SAME_TIME, NOBODY, BEN, ANNA), deals: tuple = DEALS) -> None:
        self.moment = at(3, 31, 0)
        self._contacts, self._deals = contacts, deals

    def view(self) -> "HandMade":
        return self

    def contacts(self) -> list[Contact]:
        return list(self._contacts)

    def deals(self) -> list[Deal]:
        return list(self._deals)
