"""What the CRM mails to its contacts: a welcome to each, and a digest on each month's first Thursday.

These are other letters than the shop's newsletters (`office.mailings`), which another tool sends to other people. A
contact's mail depends on the seed and the contact alone, so a later moment only reveals more of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from simulator.crm import ContactLife
from simulator.draws import generator
from simulator.market import SITE
from simulator.nouns import Email, EmailEvent
from simulator.seasons import EPOCH, midnight

_LISTED = timedelta(days=180)  # so long a contact gets digests
_WELCOME = Email("300000001", "Welcome", "AUTOMATED_EMAIL", "welcome", midnight(EPOCH))
_ONE_DAY = timedelta(days=1)


class Post:
    """Every event of every letter, by the UTC day that it happens on."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._followed = 0
        self._by_day: dict[date, list[EmailEvent]] = {}

    def follow(self, contacts_by_day: Sequence[Sequence[ContactLife]]) -> None:
        """Write to the contacts of the days that are new."""
        for contacts in contacts_by_day[self._followed :]:
            for life in contacts:
                for event in _letters(self._seed, life):
                    self._by_day.setdefault(event.occurred_at.date(), []).append(event)
        self._followed = max(self._followed, len(contacts_by_day))

    def events(self, first: datetime, last: datetime, moment: datetime) -> list[EmailEvent]:
        """Those with first <= occurred_at < last that are visible, oldest first."""
        shown, day, end = [], first.astimezone(UTC).date(), min(last, moment)
        while midnight(day) < end:
            found = (one for one in self._by_day.get(day, ()) if first <= one.occurred_at < end)
            shown += [_as_of(event, moment) for event in found]
            day += _ONE_DAY
        return sorted(shown, key=lambda event: (event.occurred_at, event.event_id))

    def emails(self, moment: datetime) -> list[Email]:
        """Those that have an event before the moment, by id."""
        latest: dict[str, datetime] = {}
        for event in self.events(midnight(EPOCH), moment, moment):  # oldest first
            latest[event.email_id] = event.occurred_at
        known = {email.email_id: email for email in (_WELCOME, *(email for email, _ in _digests(moment)))}
        return [replace(known[email_id], updated_at=latest[email_id]) for email_id in sorted(latest)]


def _digests(until: datetime) -> Iterator[tuple[Email, datetime]]:
    """Each month's digest and when it is sent."""
    month, number = EPOCH.replace(day=1), 0
    while True:
        thursday = month + timedelta(days=(3 - month.weekday()) % 7)
        sent_at = datetime.combine(thursday, time(7), UTC)
        if sent_at >= until:
            return
        name = f"{month:%Y-%m}"
        digest = Email(
            str(300000100 + number), f"Trade digest {name}", "BATCH_EMAIL", f"trade-digest-{name}", midnight(EPOCH)
        )
        yield digest, sent_at
        month, number = (month + timedelta(days=32)).replace(day=1), number + 1


def _letters(seed: int, life: ContactLife) -> Iterator[EmailEvent]:
    """All that a contact gets, until it is merged away, unsubscribes, complains or its mailbox is gone."""
    contact = life.contact
    if "@" not in contact.email:
        return
    rng = generator(seed, "mail", contact.contact_id)
    recipient = contact.email.strip().lower()  # as HubSpot stores it
    due = [(_WELCOME, contact.created_at + timedelta(hours=1))]
    due += [digest for digest in _digests(contact.created_at + _LISTED) if digest[1] > due[0][1]]
    for email, sent_at in due:
        if life.merged_at is not None and sent_at >= life.merged_at:
            return
        events, is_last = _letter(rng, email, recipient, sent_at)
        yield from events
        if is_last:
            return


def _letter(rng: Random, email: Email, recipient: str, due: datetime) -> tuple[list[EmailEvent], bool]:
    """The events of one message, and whether no other is sent after it."""
    sent_at = _later(rng, due, 0, 600)
    sent = EmailEvent(_event_id(rng), "SENT", sent_at, recipient, email.email_id, "", sent_at)
    sent = replace(sent, sent_id=sent.event_id)
    chance, fate = rng.random(), rng.random()

    def then(kind: str, at: datetime, **more: object) -> EmailEvent:
        return replace(sent, event_id=_event_id(rng), kind=kind, occurred_at=at, **more)

    if chance < 0.012:
        return [sent, then("BOUNCE", _later(rng, sent_at, 1, 60))], True
    delivered = then("DELIVERED", _later(rng, sent_at, 1, 90))
    events = [sent, delivered]
    if chance < 0.03:  # a full mailbox, some hours long
        delivered = then("DELIVERED", _later(rng, sent_at, 3_600, 20_000))
        refused = then("BOUNCE", _later(rng, sent_at, 1, 60))
        void = replace(refused, obsoleted_by=(delivered.event_id, delivered.occurred_at))
        events = [sent, void, delivered]
    at = delivered.occurred_at
    url = f"{SITE}/trade?utm_source=hs_email&utm_medium=email&utm_campaign={email.utm_campaign}&_hsmi={email.email_id}"
    if chance > 0.98:  # a mail server that looks into every letter and follows its links
        events += [then("OPEN", _later(rng, at, 1, 5), is_filtered=True)]
        events += [then("CLICK", _later(rng, at, 5, 20), is_filtered=True, url=url)]
    if rng.random() < 0.34:
        opened = at + timedelta(seconds=min(5 * 86_400, int(rng.expovariate(1 / 40_000))) + 60)
        events += [then("OPEN", _later(rng, opened, 0, 3_000 * again)) for again in range(rng.choice((1, 1, 1, 2, 3)))]
        if rng.random() < 0.18:
            events += [then("CLICK", _later(rng, opened, 3, 200), url=url) for _ in range(rng.choice((1, 1, 2)))]
    if fate < 0.006:
        events.append(then("STATUSCHANGE", _later(rng, at, 3_600, 90_000)))
    elif fate < 0.0068:
        events.append(then("SPAMREPORT", _later(rng, at, 3_600, 90_000)))
    return events, fate < 0.0068


def _as_of(event: EmailEvent, moment: datetime) -> EmailEvent:
    """Nothing is void before what makes it so has happened."""
    void = event.obsoleted_by
    return replace(event, obsoleted_by=None) if void is not None and void[1] >= moment else event


def _event_id(rng: Random) -> str:
    digits = f"{rng.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _later(rng: Random, at: datetime, least_seconds: int, most_seconds: int) -> datetime:
    """To the millisecond, as the events are told."""
    later = at + timedelta(seconds=least_seconds + rng.random() * (most_seconds - least_seconds))
    return later.replace(microsecond=later.microsecond // 1000 * 1000)
