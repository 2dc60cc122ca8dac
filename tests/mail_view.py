"""A hand-made View of a CRM's mail: one digest to three people, whose every event can be told by heart.

Anna opened twice and clicked once, after a scanner had looked into her letter; Ben's mailbox was full for an hour, and
he unsubscribed; Cleo's is gone. A welcome was sent to Anna a week before.
"""

from dataclasses import replace
from datetime import UTC, datetime

from simulator.nouns import Email, EmailEvent

LINK = "https://shop.example/trade?utm_source=hs_email&utm_campaign=digest-march&to=anna@example.com"


def at(day: int, hour: int, minute: int = 0, millisecond: int = 0) -> datetime:
    return datetime(2025, 3, day, hour, minute, 0, millisecond * 1000, tzinfo=UTC)


def _sent(event_id: str, when: datetime, recipient: str, email_id: str = "12") -> EmailEvent:
    return EmailEvent(event_id, "SENT", when, recipient, email_id, event_id, when)


def _then(sent: EmailEvent, event_id: str, kind: str, when: datetime, **more: object) -> EmailEvent:
    return replace(sent, event_id=event_id, kind=kind, occurred_at=when, **more)


HELLO = _sent("h-1", at(4, 9), "anna.lee+news@example.com", "11")
ANNA, BEN, CLEO = (_sent(f"{name[0]}-1", at(11, 7), f"{name}@example.com") for name in ("anna.lee+news", "ben", "cleo"))
EVENTS = (
    HELLO,
    _then(HELLO, "h-2", "DELIVERED", at(4, 9, 1)),
    ANNA,
    BEN,
    CLEO,
    _then(CLEO, "c-2", "BOUNCE", at(11, 7, 1)),
    _then(ANNA, "a-2", "DELIVERED", at(11, 7, 2)),
    _then(ANNA, "a-3", "OPEN", at(11, 7, 2, 5), is_filtered=True),
    _then(BEN, "b-2", "BOUNCE", at(11, 7, 3), obsoleted_by=("b-3", at(11, 8))),
    _then(BEN, "b-3", "DELIVERED", at(11, 8)),
    _then(ANNA, "a-4", "OPEN", at(11, 23, 59, 999)),
    _then(ANNA, "a-5", "OPEN", at(12, 0)),
    _then(ANNA, "a-6", "CLICK", at(12, 0, 1), url=LINK),
    _then(BEN, "b-4", "STATUSCHANGE", at(12, 9)),
)
EMAILS = (
    Email("11", "Welcome", "AUTOMATED_EMAIL", "welcome", at(4, 9, 1)),
    Email("12", "Digest March", "BATCH_EMAIL", "digest-march", at(12, 9)),
)


class MailView:
    """A view that is its own clock."""

    moment = at(31, 0)

    def view(self) -> "MailView":
        return self

    def emails(self) -> list[Email]:
        return list(EMAILS)

    def email_events(self, first: datetime, last: datetime) -> list[EmailEvent]:
        return [event for event in EVENTS if first <= event.occurred_at < last]
