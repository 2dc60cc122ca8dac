"""Which column of a file is which of ours: names, mapped names, missing and unknown ones."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from marketing_mart.connectors.files.columns import COLUMNS
from marketing_mart.connectors.files.problems import input_error, some
from marketing_mart.errors import ConfigError
from marketing_mart.streams import Stream

_PERSONAL = re.compile(
    r"e[-_ ]?mail|phone|mobile|telefon|\btel\b|fax|address|street|zip|post_?code|birth|surname|passport|iban"
    r"|(first|last|full|middle|given|family|customer|contact|person|recipient)[-_ ]?name|^name$|^ip$|ip_address",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Header:
    """Positions in the file: of our columns by our name, and of kept unknown ones by theirs.
    `personal`: unknown names that are not kept."""

    ours: Mapping[str, int]
    unknown: Mapping[str, int]
    personal: tuple[str, ...]


def read_header(stream: Stream, path: Path, names: list[str], mapping: Mapping[str, str]) -> Header:
    """`mapping`: our column -> the file's header, from the configuration. Raises InputError for a header that
    lacks required columns or has a name twice."""
    declared = COLUMNS[stream.name]
    if strangers := sorted(set(mapping) - set(declared)):
        raise ConfigError(
            f"sources.files.columns.{stream.name}: {stream.label} has no column {', '.join(strangers)}",
            next_step=f"its columns are {', '.join(declared)}",
        )
    names = [name or f"column {number}" for number, name in enumerate(names, start=1)]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise input_error(stream, path, f"has the column {some(twice)} more than once")
    theirs = {ours: mapping.get(ours, ours) for ours in declared}
    missing = [
        ours for ours, column in declared.items() if theirs[ours] not in names and _is_needed(ours, stream, mapping)
    ]
    if missing:
        told = "; ".join(_missing(ours, theirs[ours], names) for ours in missing)
        raise input_error(stream, path, f"lacks {told}. It has: {some(names)}")
    ours = {name: names.index(header) for name, header in theirs.items() if header in names}
    unknown = [name for position, name in enumerate(names) if position not in ours.values()]
    personal = tuple(name for name in unknown if _PERSONAL.search(name))
    return Header(ours, {name: names.index(name) for name in unknown if name not in personal}, personal)


def _is_needed(ours: str, stream: Stream, mapping: Mapping[str, str]) -> bool:
    """A mapped column must be there as well: a mapping to nothing is a slip of the pen."""
    return COLUMNS[stream.name][ours].required or ours in mapping


def _missing(ours: str, header: str, names: list[str]) -> str:
    told = f"the column {header}" + ("" if header == ours else f" (mapped to {ours})")
    near = get_close_matches(header, names, n=1, cutoff=0.6)
    return told + (f" (did you mean {near[0]}?)" if near else "")
