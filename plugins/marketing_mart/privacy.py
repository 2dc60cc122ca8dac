"""Personal data becomes a keyed hash here, at the connector's edge, and never lands in the clear.

The same person written in different ways must give the same hash, so the value is normalised first.
The hash is keyed (HMAC-SHA256): addresses and numbers are few enough to be guessed through a plain one.

People type addresses where none belongs: into a campaign's name, an order's id, a link. `impersonal` looks through
every text of every page, whichever connector made it, before it lands.
"""

import hmac
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc

from marketing_mart.errors import ConfigError
from marketing_mart.streams import Page

# Quick to ask of many texts at once (RE2): none that `masked` would change is without a match.
MAY_BE_PERSONAL = r"@|\d(?:[\s().-]{0,3}\d){6}"
_ADDRESS = re.compile(r"[^\s@<>(),;:]+@[^\s@<>(),;:]+\.[^\W\d_]{2,}")
# The same inside links and ids: no part of a path or of another parameter belongs to it; %40 is an @ in a link.
_INSIDE = re.compile(r"[\w.!#$'*+^`{|}~%-]+(?:@|%40)(?:[\w-]+\.)+[^\W\d_]{2,}", re.IGNORECASE)
# Whatever else the mart's gate would take for one: what is let through here must not stop the release there.
_LIKE_ONE = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_AT = "@|%40"
_NUMBER = re.compile(r"\+?\d(?:[\s().-]{0,3}\d){6,}")
_E164_DIGITS = 15  # at most, the country's included (ITU-T E.164); some countries' plans as told to us allow more
_DOTLESS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}  # dots of the local part mean nothing there


def normalise_email(text: str | None) -> str | None:
    """The address as one person's: trimmed, lower case, without a +tag; None where it is no address."""
    local, at, domain = (text or "").strip().lower().rpartition("@")
    local = local.partition("+")[0]
    if domain in _DOTLESS:
        local, domain = local.replace(".", ""), _DOTLESS[domain]
    is_address = at and local and "." in domain.strip(".") and "@" not in local
    if not is_address or any(letter.isspace() for letter in local + domain):
        return None
    return f"{local}@{domain}"


def normalise_phone(text: str | None, region: str) -> str | None:
    """The number in E.164, read as one of `region` where it has no country code; None where it is no number."""
    if not text or not text.strip():
        return None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return written if len(written) <= 1 + _E164_DIGITS else None


@dataclass(frozen=True)
class Privacy:
    """Hashes personal values with a secret key; `region` (ISO 3166) is where a number without a prefix is from."""

    key: bytes = field(repr=False)
    region: str = "US"

    def __post_init__(self) -> None:
        if not self.key:
            raise ConfigError(
                "the key that personal data is hashed with is empty",
                next_step="give the privacy key a secret value of at least 32 random bytes",
            )

    def email(self, text: str | None) -> str | None:
        """Hex HMAC-SHA256 of the normalised address, or None where there is none."""
        return self._keyed(normalise_email(text))

    def phone(self, text: str | None) -> str | None:
        """Hex HMAC-SHA256 of the number in E.164, or None where there is none."""
        return self._keyed(normalise_phone(text, self.region))

    def blinded(self, identifier: str) -> str:
        """Hex HMAC-SHA256 of an identifier as the list of erased persons keeps it: equal to no hash that lands."""
        return self._keyed(f"erased {identifier}") or ""

    def masked(self, text: str) -> str:
        """Free text with each address and each number as long as a phone's replaced by a short keyed hash, so that
        different texts stay different. The hash is none of those above: it leads to no person."""
        masked = _ADDRESS.sub(lambda found: f"(address {self._short(found.group().lower())})", text)
        return _NUMBER.sub(lambda found: f"(number {self._short(re.sub(r'[^0-9]', '', found.group()))})", masked)

    def without_addresses(self, text: str) -> str:
        """The same for addresses alone, in a text that may be a link or an id, whose numbers mean something."""

        def hashed(found: re.Match) -> str:
            return f"(address {self._short(found.group().lower().replace('%40', '@'))})"

        return _LIKE_ONE.sub(hashed, _INSIDE.sub(hashed, text))

    def _short(self, value: str) -> str:
        # letters only, so that a number in a hash is not masked again
        return (self._keyed(f"masked {value}") or "")[:16].translate(str.maketrans("0123456789", "ghijklmnop"))

    def _keyed(self, value: str | None) -> str | None:
        return None if value is None else hmac.digest(self.key, value.encode(), "sha256").hex()


def impersonal(pages: Iterator[Page], privacy: Privacy) -> Iterator[Page]:
    """The same pages, with the addresses in their texts masked, lists and structs included."""
    for page in pages:
        found = [name for name in page.table.column_names if _has_at(page.table.column(name))]
        table = page.table
        for name in found:
            place = table.column_names.index(name)
            values = [_each_text(value, privacy.without_addresses) for value in table.column(name).to_pylist()]
            field_ = table.schema.field(name)
            table = table.set_column(place, field_, pa.chunked_array([pa.array(values, field_.type)]))
        yield replace(page, table=table) if found else page


def _has_at(column: pa.ChunkedArray | pa.Array) -> bool:
    """Whether any text in it, however deep, has an @."""
    if pa.types.is_string(column.type):
        return bool(pc.any(pc.match_substring_regex(column, _AT)).as_py())
    if pa.types.is_list(column.type):
        return _has_at(pc.list_flatten(column))
    if pa.types.is_struct(column.type):
        return any(_has_at(pc.struct_field(column, place)) for place in range(column.type.num_fields))
    return False


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_each_text(one, change) for one in value]
    if isinstance(value, dict):
        return {name: _each_text(one, change) for name, one in value.items()}
    return value
