"""What an erasure is about to do, on disk before it does anything: a killed one is done to its end by the next."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from marketing_mart.erasure.identifiers import Tokens
from marketing_mart.erasure.remains import OWN
from marketing_mart.erasure.suppression import folder, write


@dataclass(frozen=True)
class Journal:
    """`plain`: the address or number as it was given; `suppressed`: digest -> token, for the list; `key`: see there.
    It holds the very data that is to go, so it goes last."""

    tokens: Tokens
    plain: tuple[str, ...]
    suppressed: Mapping[str, str]
    key: str

    def write(self, home: Path) -> None:
        write(folder(home) / OWN, {
            "tokens": dict(self.tokens.new), "plain": self.plain, "suppressed": dict(self.suppressed), "key": self.key,
        })  # fmt: skip


def unfinished(home: Path) -> Journal | None:
    """The journal of an erasure that has not come to its end."""
    path = folder(home) / OWN
    if not path.exists():
        return None
    known = json.loads(path.read_text())
    return Journal(Tokens(known["tokens"]), tuple(known["plain"]), known["suppressed"], known["key"])


def forget(home: Path) -> None:
    (folder(home) / OWN).unlink()
