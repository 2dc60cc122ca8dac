"""What nobody may be told: secrets and addresses go out of every message, record and log line, controls out of texts.

A secret is known by its value once `keep_secret` was told of it, as every credential is that comes from a connection,
and otherwise by what stands before it. An address is known by its look.
"""

import json
import logging
import re
from typing import Any
from urllib.parse import quote, quote_plus

SHORTEST = 6  # of a secret that is known by its value: a shorter one would take words out of every message

_known: set[str] = set()
_ADDRESS = re.compile(r"[\w.+%-]*[\w+-](?:@|%40)(?:[\w-]+\.)+[^\W\d_]{2,}")
_SECRETS = (
    (re.compile(r"(\w[\w+.-]*://)[^/\s@]+@"), r"\1***@"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), r"\1 ***"),
    (
        re.compile(
            r"(?i)([\w-]*(?:token|secret|password|passwd|api[_-]?key|authorization|credential)[\w-]*)"
            r"""(["']?\s*[=:]\s*["']?)(?!(?:bearer|basic)\b)[^\s"'&,;})]+"""
        ),
        r"\1\2***",
    ),
)
# Sequences that a terminal obeys, then the controls left of them, and marks that turn the direction of reading.
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_].*?(?:\x1b\\|\x07|$)|[ -/]*[0-~])|\x9b[0-?]*[ -/]*[@-~]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def keep_secret(*values: str) -> None:
    """Remember these for as long as the process lives: whatever passes `redact` from here on is without them."""
    for value in values:
        if len(value) >= SHORTEST:
            _known.update({value, quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1]})


def redact(text: str) -> str:
    """The text without known secrets, without what looks like a credential, and without addresses."""
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, "***")
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return without_addresses(text)


def without_addresses(text: str) -> str:
    return _ADDRESS.sub("(address)", text) if "@" in text or "%40" in text else text


def redact_error(error: BaseException) -> None:
    """Redact what an exception was raised with, and what caused it: a log shows all of that."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        waiting += [one.__cause__, one.__context__, *(part for part in one.args if isinstance(part, BaseException))]
        if any(redact(told := str(part)) != told for part in one.args):
            one.args = tuple(part if isinstance(part, BaseException) else redact(str(part)) for part in one.args)


def guard_logs() -> None:
    """From here on every line that this process logs, by whichever library, is redacted before it goes anywhere."""
    make = logging.getLogRecordFactory()
    if getattr(make, "redacts", False):
        return

    def redacted(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        try:
            told = record.getMessage()
        except (TypeError, ValueError, KeyError):  # a slip of whoever logs, which must stay one: its handler tells
            return record
        if (safe := redact(told)) != told:
            record.msg, record.args = safe, ()
        return record

    redacted.redacts = True
    logging.setLogRecordFactory(redacted)


def printable(text: str) -> str:
    """The text without anything a terminal would obey: a name from a vendor is shown, never followed."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", _SEQUENCE.sub("", text))
