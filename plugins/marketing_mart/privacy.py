"""Personal data becomes a keyed hash here, at the connector's edge, and never lands in the clear.

The same person written in different ways must give the same hash, so the value is normalised first.
The hash is keyed (HMAC-SHA256): addresses and numbers are few enough to be guessed through a plain one.
"""

import hmac
import re
from dataclasses import dataclass, field

import phonenumbers

from marketing_mart.errors import ConfigError

# Quick to ask of many texts at once (RE2): none that `masked` would change is without a match.
MAY_BE_PERSONAL = r"@|\d(?:[\s().-]{0,3}\d){6}"
_ADDRESS = re.compile(r"[^\s@<>(),;:]+@[^\s@<>(),;:]+\.[^\W\d_]{2,}")
_NUMBER = re.compile(r"\+?\d(?:[\s().-]{0,3}\d){6,}")
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
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


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

    def _short(self, value: str) -> str:
        # letters only, so that a number in a hash is not masked again
        return (self._keyed(f"masked {value}") or "")[:16].translate(str.maketrans("0123456789", "ghijklmnop"))

    def _keyed(self, value: str | None) -> str | None:
        return None if value is None else hmac.digest(self.key, value.encode(), "sha256").hex()
