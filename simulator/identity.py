"""Who is who, worked out from what is visible (ids, addresses and numbers as typed), not from the world's own
knowledge: nobody outside could know more. Plain dictionaries; shares no code with what it is held against.

1. What a record of the shop, the stores or the CRM carries together is one person: account, contact, email, phone.
   An email or phone that stands beside more than five accounts or contacts (or, a phone, emails) is nobody's.
2. The id of a click on an ad, kept by a contact or by the visits before an order, joins those whose it was, and
3. a visitor id those it was seen with, by account, email or click: if they are no more than two persons.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from simulator.nouns import Order, View, Visit

Identifier = tuple[str, str]
MOST_PERSONS = 2  # whom a visitor id or a click id may join
MOST_ACCOUNTS = 5  # that may share an email or a phone


class Persons:
    """Persons as connected components of visible identifiers, each told by one of its identifiers."""

    def __init__(self, view: View) -> None:
        self._parent: dict[Identifier, Identifier] = {}
        self._records = [record for record in _records(view) if record]
        self._nobodys = set(_shared(self._records))
        for record in self._records:
            self._join(self._telling(record))
        visits = view.visits()
        self._clicks = self._joined_by(self._clicks_kept(view, visits))
        self._visitors = self._joined_by(self._seen(visits))

    def of_order(self, order: Order) -> Identifier:
        """An order that tells nobody is a person of its own."""
        told = self._telling(_buyer(order))
        return self.person(told[0] if told else ("order", order.order_id))

    def of_contact(self, contact_id: str) -> Identifier:
        return self.person(("contact", contact_id))

    def of_visit(self, visit: Visit) -> Identifier:
        """By its own account, else its email, else its click, else its visitor."""
        own = self._telling([("customer", visit.customer_id), ("email", normal_email(visit.email))])
        click, visitor = ("click", visit.click_id), ("visitor", visit.visitor_id)
        return self.person(own[0] if own else click if click in self._clicks else visitor)

    def person(self, identifier: Identifier) -> Identifier:
        """One identifier that stands for the whole person."""
        while (parent := self._parent.get(identifier, identifier)) != identifier:
            identifier = parent
        return identifier

    def _telling(self, record: Iterable[Identifier]) -> list[Identifier]:
        return [identifier for identifier in record if identifier[1] and identifier not in self._nobodys]

    def _join(self, identifiers: Iterable[Identifier]) -> None:
        found = [self.person(identifier) for identifier in identifiers]
        for other in found[1:]:
            if self.person(other) != self.person(found[0]):
                self._parent[self.person(other)] = self.person(found[0])

    def _joined_by(self, seen_with: dict[Identifier, set[Identifier]]) -> set[Identifier]:
        """Join what each click or visitor was seen with, where that is few enough; returns which were."""
        few = {
            holder: others
            for holder, others in seen_with.items()
            if others and len({self.person(other) for other in others}) <= MOST_PERSONS
        }
        for holder, others in few.items():
            self._join([*sorted(others), holder])
        return set(few)

    def _clicks_kept(self, view: View, visits: list[Visit]) -> dict[Identifier, set[Identifier]]:
        """Whose record kept a click; not of one that came with more visitors than persons may share."""
        kept: dict[Identifier, set[Identifier]] = defaultdict(set)
        for contact in view.contacts():
            for click_id in (contact.google_click_id, contact.facebook_click_id):
                kept["click", click_id].add(("contact", contact.contact_id))
        for order in view.orders():
            if not order.is_test:
                for visit in order.visits:
                    kept["click", visit.click_id].add(self.of_order(order))
        visitors: dict[str, set[str]] = defaultdict(set)
        for visit in visits:
            visitors[visit.click_id].add(visit.visitor_id)
        return {click: others for click, others in kept.items() if click[1] and len(visitors[click[1]]) <= MOST_PERSONS}

    def _seen(self, visits: list[Visit]) -> dict[Identifier, set[Identifier]]:
        """What else was visible when a visitor was."""
        seen: dict[Identifier, set[Identifier]] = defaultdict(set)
        for visit in visits:
            told = self._telling([("customer", visit.customer_id), ("email", normal_email(visit.email))])
            if ("click", visit.click_id) in self._clicks:
                told.append(("click", visit.click_id))
            seen["visitor", visit.visitor_id] |= set(told)
        return seen


def normal_email(typed: str) -> str:
    """The mailbox that an address as typed leads to; empty if it is no address."""
    local, at, domain = typed.strip().lower().rpartition("@")
    local = local.split("+")[0]
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}" if at and local and "." in domain else ""


def normal_phone(typed: str) -> str:
    """The number as one calls it from abroad; without a country's code it is American."""
    digits = "".join(digit for digit in typed if digit.isdigit())
    if typed.strip().startswith("+"):
        return f"+{digits}"
    return f"+1{digits}" if len(digits) == 10 else ""


def _records(view: View) -> Iterator[list[Identifier]]:
    for customer in view.customers():
        yield _told(("customer", customer.customer_id), customer.email, customer.phone)
    for order in (*view.orders(), *view.store_orders()):
        if not order.is_test:
            yield _buyer(order)
    for contact in view.contacts():
        yield _told(("contact", contact.contact_id), contact.email, contact.phone)


def _buyer(order: Order) -> list[Identifier]:
    return _told(("customer", order.customer.customer_id if order.customer else ""), order.email, order.phone)


def _told(owner: Identifier, email: str, phone: str) -> list[Identifier]:
    told = [owner, ("email", normal_email(email)), ("phone", normal_phone(phone))]
    return [identifier for identifier in told if identifier[1]]


def _shared(records: Iterable[list[Identifier]]) -> Iterator[Identifier]:
    """Emails and phones beside too many of a kind that is stronger: account or contact, then email, then phone."""
    beside: dict[tuple[Identifier, str], set[Identifier]] = defaultdict(set)
    for record in records:
        for stronger, identifier in ((s, i) for n, i in enumerate(record) for s in record[:n]):
            beside[identifier, stronger[0]].add(stronger)
    return (identifier for (identifier, _), others in beside.items() if len(others) > MOST_ACCOUNTS)
