"""The list of who was erased, so that a source that still sends a person brings no hash of theirs back.

MART_HOME/erasure/suppressed.json: a keyed digest of each erased identifier -> the token that stands in its place.
Without the key of the hashes (the connection mart_identity) nobody can tell whom it speaks of; with another key it
could suppress nobody, which is refused.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from marketing_mart.erasure.identifiers import Tokens, substituted, value_of
from marketing_mart.errors import ConfigError, LandingError
from marketing_mart.privacy import Privacy
from marketing_mart.streams import Page, Stream

_KEYED_WITH = "key"  # the digest of an empty text: tells keys apart


class Suppression:
    """The list of one MART_HOME. An empty one costs nothing."""

    def __init__(self, home: Path, privacy: Privacy) -> None:
        self._path, self._privacy = folder(home) / "suppressed.json", privacy
        known = json.loads(self._path.read_text()) if self._path.exists() else {}
        self._tokens: dict[str, str] = known.get("tokens", {})
        if known and known[_KEYED_WITH] != privacy.blinded(""):
            raise ConfigError(
                f"{self._path}, the list of who was erased, was made with another key than mart_identity has now",
                next_step="give mart_identity the key it had: with another one erased persons would land again",
            )

    def token_of(self, identifier: str) -> str | None:
        return self._tokens.get(self._privacy.blinded(identifier))

    def entries(self, tokens: Tokens) -> dict[str, str]:
        """What the list is to say of these."""
        return {self._privacy.blinded(old): value_of(new) for old, new in tokens.new.items()}

    def __len__(self) -> int:
        return len(self._tokens)


def suppressed(home: Path, privacy: Privacy, stream: Stream, pages: Iterable[Page]) -> Iterator[Page]:
    """The pages with tokens for who was erased. LandingError where somebody was erased while they were read: what came
    before may tell of them, so none of it lands."""
    known = Suppression(home, privacy)
    for page in pages:
        yield page if not len(known) else replace(page, table=substituted(stream, page.table, known.token_of))
    if len(Suppression(home, privacy)) != len(known):
        raise LandingError(
            f"{stream.label}: a person was erased while it was read; nothing of this read was landed",
            next_step="make run",
        )


def suppress(home: Path, entries: Mapping[str, str], key: str) -> None:
    """Whatever of these lands from now on lands as its token. `key`: the digest that tells keys apart. On disk when it
    returns; to do it again changes nothing."""
    path = folder(home) / "suppressed.json"
    known = json.loads(path.read_text()) if path.exists() else {"tokens": {}}
    write(path, {_KEYED_WITH: key, "tokens": known["tokens"] | entries})


def folder(home: Path) -> Path:
    return Path(home) / "erasure"


def write(path: Path, content: Mapping) -> None:
    """JSON that only its owner reads, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    written = path.with_suffix(".tmp")
    with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        json.dump(content, stream)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(written, path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
