"""What a person is looked for by, in texts that are no tables: logs, reports, records of runs.

A hash, a long id, the plain address stand for the person wherever they stand. A short id (a contact 10001) may as
well be a number of rows: it counts where its name stands beside it (`contact_id=10001`, `contact:hubspot:10001`).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from marketing_mart.erasure.identifiers import Tokens, opening_of, value_of

DISTINCTIVE = 9  # characters from which on a value stands for itself
_NAMES = {
    "email": ("email_hash", "email"), "phone": ("phone_hash", "phone"), "customer": ("customer_id",),
    "visitor": ("visitor_id",), "click": ("click_id", "google_click_id", "facebook_click_id"),
    "contact": ("contact_id", "contact_ids", "merged_ids", "conversion_id"),
}  # fmt: skip


@dataclass(frozen=True)
class Marks:
    """`long`: value -> what is put in its place. `short`: (names of columns, kind, value) -> the same."""

    long: Mapping[str, str]
    short: Mapping[tuple[tuple[str, ...], str, str], str] = field(default_factory=dict)

    @property
    def values(self) -> re.Pattern[str]:
        """Any long value as a whole word."""
        return re.compile(_word(self.long))

    @property
    def in_sql(self) -> str:
        """The same as DuckDB's RE2 reads it, for the option 'i'; matches nothing where there is no long value."""
        found = "|".join(escaped(value) for value in sorted(self.long, key=len, reverse=True))
        return rf"(^|[^0-9A-Za-z])({found})($|[^0-9A-Za-z])" if found else "$a"

    def replaced(self, text: str) -> tuple[str, int]:
        """The text without the person, and how many times they stood in it."""
        found = 0
        if self.long:
            text, found = self.values.subn(lambda match: self.long[_as_kept(match.group(), self.long)], text)
        for (names, opening, value), token in self.short.items():
            text, beside = re.subn(
                rf"((?:{'|'.join(names)})[\"']?\s*[:=,]\s*[\"'\[]?|\b{re.escape(opening)}:){re.escape(value)}(?![\w-])",
                lambda match, token=token: match[1] + token,
                text,
            )
            found += beside
        return text, found

    def count(self, text: str) -> int:
        return self.replaced(text)[1]


def marks_of(tokens: Tokens, plain: Iterable[str]) -> Marks:
    """`plain`: the person's address or number as it was given and as it is normalised."""
    long = {text: "(erased)" for text in plain}
    short = {}
    for identifier, new in tokens.new.items():
        value, opening = value_of(identifier), opening_of(identifier)
        if len(value) >= DISTINCTIVE:
            long[value] = value_of(new)
        else:
            short[(_NAMES[opening.partition(":")[0]], opening, value)] = value_of(new)
    for old, new in tokens.person_ids.items():
        long |= {old: new, hyphened(old): hyphened(new)}
    return Marks(long, short)


def _word(values: Iterable[str]) -> str:
    longest_first = sorted(values, key=len, reverse=True)
    return rf"(?i)(?<![0-9A-Za-z])(?:{'|'.join(map(re.escape, longest_first))})(?![0-9A-Za-z])"


def _as_kept(found: str, known: Mapping[str, str]) -> str:
    """An address may be written in other letters than it was given in."""
    return found if found in known else next(value for value in known if value.lower() == found.lower())


def hyphened(person_id: str) -> str:
    """As DuckDB writes it as a number of 128 bits."""
    return "-".join((person_id[:8], person_id[8:12], person_id[12:16], person_id[16:20], person_id[20:]))


def escaped(value: str) -> str:
    """For RE2."""
    return "".join(letter if letter.isalnum() or ord(letter) > 127 else f"\\{letter}" for letter in value)
