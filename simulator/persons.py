"""Invented people: names, email addresses as they type them, phones. All addresses are at example domains."""

from dataclasses import dataclass
from random import Random

from simulator import phones
from simulator.nouns import Customer

_FIRST = (
    "Ann", "Ben", "Chloé", "David", "Elif", "Finn", "Grace", "Hugo", "Ines", "Jonas", "Kate", "Liam", "Mia",
    "Noah", "Olga", "Paul", "Quinn", "Rosa", "Sam", "Tara", "Uwe", "Vera", "Wen", "Ximena", "Yusuf", "Zoë",
)  # fmt: skip
_LAST = (
    "Adams", "Brown", "Costa", "Díaz", "Evans", "Fischer", "García", "Hughes", "Ito", "Jones", "Kowalski", "Lee",
    "Meyer", "Novak", "O'Brien", "Patel", "Quist", "Rossi", "Schmidt", "Taylor", "Ueda", "Vogel", "Wong", "Young",
)  # fmt: skip
_ASCII = str.maketrans({"é": "e", "ë": "e", "í": "i", "'": None})
_DOMAINS = ("example.com", "example.org", "example.net")
_TAGS = ("home", "news", "deals")


@dataclass(slots=True)
class Person:
    """Someone over time; `customer` appears with the first order placed by account."""

    first_name: str
    last_name: str
    local: str  # of the email address, without tag, in lower case
    domain: str
    phone: str
    visitor_id: str
    customer: Customer | None = None

    @property
    def email(self) -> str:
        return f"{self.local}@{self.domain}"

    def tagged(self, tag: str) -> str:
        return f"{self.local}+{tag}@{self.domain}"

    def second_email(self) -> str:
        """Another mailbox of the same person; nothing in the address says so."""
        return f"{self.first_name[0].translate(_ASCII).lower()}.{self.local.rsplit('.', 1)[1]}.work@{self.domain}"


def invent(rng: Random, day_number: int, count: int, phone: str) -> Person:
    """The `count`-th person who first appears on that day."""
    first = _FIRST[int(rng.random() * len(_FIRST))]
    last = _LAST[int(rng.random() * len(_LAST))]
    local = f"{first}.{last}.{day_number}-{count}".translate(_ASCII).lower()
    domain = _DOMAINS[int(rng.random() * len(_DOMAINS))]
    return Person(first, last, local, domain, phone, f"u{day_number:05d}p{count:05d}")


def typed(rng: Random, person: Person) -> str:
    """The person's address as typed this time: sometimes in mixed case, sometimes with a tag."""
    chance = rng.random()
    if chance < 0.70:
        return person.email
    if chance < 0.82:
        return f"{person.local.title()}@{person.domain}"
    if chance < 0.88:
        return person.email.upper()
    return person.tagged(_TAGS[int(rng.random() * len(_TAGS))])


def typed_phone(rng: Random, person: Person) -> str:
    """The person's number as typed this time."""
    return phones.compact(person.phone) if person.phone and rng.random() < 0.4 else person.phone
