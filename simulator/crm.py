"""Contacts and deals over their whole life; the `_as_of` functions show them at a moment."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from simulator.money import cents
from simulator.nouns import Contact, Deal
from simulator.persons import Person

ANALYTICS_SOURCES = {
    "Paid Search": "PAID_SEARCH",
    "Cross-network": "PAID_SEARCH",
    "Paid Social": "PAID_SOCIAL",
    "Organic Search": "ORGANIC_SEARCH",
    "Organic Social": "SOCIAL_MEDIA",
    "Email": "EMAIL_MARKETING",
    "Referral": "REFERRALS",
    "AI Assistant": "AI_REFERRALS",
    "Direct": "DIRECT_TRAFFIC",
}
_DEAL_STAGES = (
    "appointmentscheduled",
    "qualifiedtobuy",
    "presentationscheduled",
    "decisionmakerboughtin",
    "contractsent",
)


@dataclass(slots=True)
class ContactLife:
    """A contact with all its future; `merged_into` from `merged_at` on, if ever."""

    contact: Contact
    merged_into: "ContactLife | None" = None
    merged_at: datetime | None = None
    absorbed: "list[ContactLife]" = field(default_factory=list)

    def merge_into(self, survivor: "ContactLife", at: datetime) -> None:
        self.merged_into, self.merged_at = survivor, at
        survivor.absorbed.append(self)

    def is_visible(self, moment: datetime) -> bool:
        return self.contact.created_at < moment and (self.merged_at is None or self.merged_at >= moment)


class Pipeline:
    """Takes contacts from lead to a won or lost deal; everything ends within 260 days of the contact's creation."""

    def __init__(self, rng: Random, birth_day: int) -> None:
        self._rng = rng
        self._birth_day = birth_day
        self._count = 0

    def contact(self, person: Person, email: str, at: datetime, channel: str, stages: tuple) -> ContactLife:
        self._count += 1
        contact_id = str(10**10 + self._birth_day * 10**5 + self._count)
        phone = person.phone if not email or self._rng.random() < 0.4 else ""
        return ContactLife(
            Contact(
                contact_id, email, phone, person.first_name, person.last_name, at, stages[-1][1], stages, (),
                ANALYTICS_SOURCES.get(channel, "OTHER_CAMPAIGNS") if channel else "OFFLINE",
            )
        )  # fmt: skip

    def stages(self, at: datetime) -> tuple[tuple[str, datetime], ...]:
        """The contact's way as marketing sees it, up to sales qualified."""
        rng = self._rng
        way = [("lead", at)]
        if rng.random() < 0.15:
            way = [("subscriber", at)]
            if rng.random() > 0.4:
                return tuple(way)
            way.append(("lead", self._later(at, 1, 20)))
        if rng.random() > 0.46:
            return tuple(way)
        way.append(("marketingqualifiedlead", self._later(way[-1][1], 0, 18)))
        if rng.random() < 0.04:  # sent back to nurturing, and qualified again
            way.append(("lead", self._later(way[-1][1], 2, 6)))
            way.append(("marketingqualifiedlead", self._later(way[-1][1], 3, 10)))
        if rng.random() < 0.5:
            way.append(("salesqualifiedlead", self._later(way[-1][1], 1, 28)))
        return tuple(way)

    def deal(self, since: datetime, contact_ids: tuple[str, ...]) -> Deal:
        """A deal opened some days after `since`; a few stay open for ever."""
        rng = self._rng
        self._count += 1
        opened = self._later(since, 0, 20)
        length = rng.randint(8, 75) * 86_400
        reached = rng.randint(2, len(_DEAL_STAGES))
        marks = sorted(rng.sample(range(3600, length), reached - 1))
        stages = [(_DEAL_STAGES[0], opened)]
        stages += [(_DEAL_STAGES[n + 1], opened + timedelta(seconds=mark)) for n, mark in enumerate(marks)]
        chance, closed_at, is_won = rng.random(), None, False
        if chance < 0.85:
            closed_at, is_won = opened + timedelta(seconds=length), chance < 0.38
            stages.append(("closedwon" if is_won else "closedlost", closed_at))
        amount = cents(int(rng.lognormvariate(8.1, 0.7) * 2) * 50)
        currency = "USD" if rng.random() < 0.6 else "EUR"
        return Deal(
            str(2 * 10**10 + self._birth_day * 10**5 + self._count), contact_ids, opened, stages[-1][1],
            tuple(stages), amount, currency, closed_at, is_won,
        )  # fmt: skip

    def _later(self, at: datetime, least_days: int, most_days: int) -> datetime:
        rng = self._rng
        return at + timedelta(days=rng.randint(least_days, most_days), seconds=rng.randint(300, 80_000))


def follow(life: ContactLife, deal: Deal) -> None:
    """The contact's lifecycle takes part in its deal's fate."""
    stages = [*life.contact.stages, ("opportunity", deal.created_at)]
    if deal.is_won:
        stages.append(("customer", deal.closed_at))
    stages.sort(key=lambda stage: stage[1])
    life.contact = replace(life.contact, stages=tuple(stages), updated_at=stages[-1][1])


def contact_as_of(life: ContactLife, moment: datetime) -> Contact:
    """The visible contact; after a merge it has the other's history too (the earlier entry of each stage)."""
    contact = life.contact
    absorbed = [other for other in life.absorbed if other.merged_at < moment]
    if not absorbed and contact.updated_at < moment:
        return contact
    stages = [stage for stage in contact.stages if stage[1] < moment]
    updated_at = stages[-1][1]
    if absorbed:
        first: dict[str, datetime] = {}
        for stage, entered_at in stages + [s for other in absorbed for s in other.contact.stages if s[1] < moment]:
            first[stage] = min(entered_at, first.get(stage, entered_at))
        stages = sorted(first.items(), key=lambda stage: (stage[1], stage[0]))
        updated_at = max(stages[-1][1], *(other.merged_at for other in absorbed))
    merged_ids = tuple(other.contact.contact_id for other in absorbed)
    return replace(contact, stages=tuple(stages), updated_at=updated_at, merged_ids=merged_ids)


def deal_as_of(deal: Deal, moment: datetime, survivors: dict[str, str]) -> Deal:
    """The visible deal. It names surviving contacts; a merge of contacts does not touch the deal's
    own `updated_at`, so who read it before still has the old id."""
    contact_ids = tuple(dict.fromkeys(survivors.get(contact_id, contact_id) for contact_id in deal.contact_ids))
    if deal.updated_at < moment:
        return deal if contact_ids == deal.contact_ids else replace(deal, contact_ids=contact_ids)
    stages = tuple(stage for stage in deal.stages if stage[1] < moment)
    return replace(deal, contact_ids=contact_ids, stages=stages, updated_at=stages[-1][1], closed_at=None, is_won=False)
