"""What in landed rows tells who somebody is, and how it is replaced by tokens that lead to nobody.

An identifier is written as the models write it: `email:<hash>`, `phone:<hash>`, `customer:<id>`, `visitor:<id>`,
`click:<id>`, `contact:<source>:<id>`. Orders and visits keep their own numbers: they are records, not persons.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import md5
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc

from marketing_mart.streams import EXTRA_COLUMN, Stream

TOKEN = re.compile(r"erased-[0-9a-f]{32}")
# column -> the kinds of identifier that its values may be
_COLUMNS = {
    "email_hash": ("email",), "phone_hash": ("phone",), "customer_id": ("customer",), "visitor_id": ("visitor",),
    "click_id": ("click",), "google_click_id": ("click",), "facebook_click_id": ("click",),
    "contact_id": ("contact",), "contact_ids": ("contact",), "merged_ids": ("contact",),
    # of experiments: whatever the tool that assigned variants knew its subjects by (int_exposures)
    "person_id": ("customer", "contact:hubspot", "contact:files"),
}  # fmt: skip
_ADDRESSES = ("landing_url", "referrer", "visits")
# the parameters that stg_shopify__visits takes a click's id from, and those that stand beside them
_CLICK = re.compile(r"([?&](?:gclid|gbraid|wbraid|dclid|fbclid|msclkid|ttclid|twclid|li_fat_id|epik|sccid)=)([^&#\s]+)")
NAMING = ("contact", "customer", "email", "phone")  # of these a person's id is made (int_persons)

Lookup = Callable[[str], str | None]  # identifier -> the token in its place, None to leave it


def identifying(stream: Stream, name: str) -> tuple[str, ...]:
    """The openings of the identifiers in a column of a stream: ('contact:hubspot',); () where it has none."""
    kinds = _COLUMNS.get(name, ())
    return tuple(f"contact:{stream.source}" if kind == "contact" else kind for kind in kinds)


def identifying_name(column: str, opening: str) -> bool:
    """Whether a column of that name may hold such identifiers, whatever table it stands in."""
    return any(opening.partition(":")[0] == kind.partition(":")[0] for kind in _COLUMNS.get(column, ()))


def columns_of(stream: Stream, names: Iterable[str]) -> list[str]:
    """Those columns that may hold identifiers, by themselves or within an address."""
    return [name for name in names if name in _COLUMNS or name in _ADDRESSES]


def substituted(stream: Stream, table: pa.Table, token_of: Lookup) -> pa.Table:
    """The table with tokens for the identifiers that have one; the same object where none has. `_extra` of a row whose
    own identifiers were replaced is emptied: nobody knows what an undeclared column tells."""
    touched = pa.array([False] * table.num_rows)
    changed = table
    for name in columns_of(stream, table.column_names):
        place, column = table.schema.get_field_index(name), table.column(name).combine_chunks()
        replace = _replacement(stream, name, token_of)
        new = _flat(column, replace) if pa.types.is_string(column.type) else _nested(column, replace)
        if new is column:
            continue
        changed = changed.set_column(place, table.schema.field(name), new)
        if pa.types.is_string(column.type):
            touched = pc.or_(touched, pc.fill_null(pc.not_equal(column, new), False))
    if changed is table:
        return table
    if EXTRA_COLUMN in table.column_names:
        extra = pc.if_else(touched, pa.scalar(None, pa.string()), changed.column(EXTRA_COLUMN))
        place = table.schema.get_field_index(EXTRA_COLUMN)
        changed = changed.set_column(place, table.schema.field(EXTRA_COLUMN), extra)
    return changed


def _replacement(stream: Stream, name: str, token_of: Lookup) -> Callable[[str], str]:
    """text -> the text to stand in its place (itself, where nothing in it has a token)."""
    if name in _ADDRESSES:
        return lambda text: _CLICK.sub(lambda found: found[1] + _click_token(found[2], token_of), text)
    openings = identifying(stream, name)
    return lambda text: next((token for o in openings if (token := token_of(f"{o}:{text}"))), text)


def _click_token(value: str, token_of: Lookup) -> str:
    return token_of(f"click:{value}") or token_of(f"click:{unquote(value)}") or value


def _flat(column: pa.Array, replace: Callable[[str], str]) -> pa.Array:
    """Each distinct text is looked up once."""
    encoded = column.dictionary_encode()
    texts = encoded.dictionary.to_pylist()
    new = [replace(text) for text in texts]
    return column if new == texts else pa.array(new, pa.string()).take(encoded.indices)


def _nested(column: pa.Array, replace: Callable[[str], str]) -> pa.Array:
    """A list of identifiers, or of records with addresses in them."""
    values = column.to_pylist()
    new = [_within(value, replace) for value in values]
    return column if new == values else pa.array(new, column.type)


def _within(value: Any, replace: Callable[[str], str], name: str = "") -> Any:
    if isinstance(value, str):
        return replace(value) if name in ("", *_ADDRESSES) else value
    if isinstance(value, list):
        return [_within(item, replace, name) for item in value]
    if isinstance(value, dict):
        return {key: _within(item, replace, key) for key, item in value.items()}
    return value


@dataclass(frozen=True)
class Tokens:
    """The identifiers of one person and the token in the place of each: `email:9f…` -> `email:erased-0c…`."""

    new: Mapping[str, str]

    def token_of(self, identifier: str) -> str | None:
        found = self.new.get(identifier)
        return value_of(found) if found else None

    @property
    def person_ids(self) -> dict[str, str]:
        """The ids that the person may have had in a release, with those that the same rows give from now on: the MD5
        of the smallest identifier, of fewer ones before others were linked, and of an unknown visitor."""
        return {digest(old): digest(new) for old, new in self.new.items() if not old.startswith("click:")}


def fresh_tokens(identifiers: Iterable[str], known: Lookup = lambda identifier: None) -> Tokens:
    """A random token for each identifier that is none yet, and has none that is `known`. Tokens stand in the order of
    what they replace, so that the smallest stays the smallest, and so the person one and the same in a release and in
    a rebuilt one."""
    new: dict[str, str] = {}
    fresh: dict[str, list[str]] = {}
    for identifier in sorted(set(identifiers)):
        opening = opening_of(identifier)
        if token := known(identifier):
            new[identifier] = f"{opening}:{token}"
        elif not TOKEN.fullmatch(value_of(identifier)):
            fresh.setdefault(opening, []).append(identifier)
    for opening, found in fresh.items():
        tokens = sorted(_token() for _ in found)
        new |= {identifier: f"{opening}:{token}" for identifier, token in zip(found, tokens, strict=True)}
    return Tokens(new)


def opening_of(identifier: str) -> str:
    """`contact:hubspot` of `contact:hubspot:1`."""
    parts = 2 if identifier.startswith("contact:") else 1
    return ":".join(identifier.split(":", parts)[:parts])


def value_of(identifier: str) -> str:
    return identifier.removeprefix(opening_of(identifier) + ":")


def digest(identifier: str) -> str:
    """A person's id of whom this is the smallest identifier (int_persons, lone_person)."""
    return md5(identifier.encode(), usedforsecurity=False).hexdigest()


def _token() -> str:
    return f"erased-{secrets.token_hex(16)}"
