"""What dbt parsed, kept from one build to the next: parsing all models anew takes 5 s of a processor.

dbt compares what it is given with the files, its variables, its connection and its own version, and parses again what
changed. So that another day or candidate is no change, the models are told of them in other ways: warehouse.build.
"""

import hashlib
from importlib.metadata import version
from pathlib import Path

FILE = "partial_parse.msgpack"  # dbt's name for it, in its target folder
KEPT = 16  # of 3 MB each: of as many settings and versions of the models
_DIGEST = hashlib.sha256().digest_size


def place(folder: Path, *decides: object) -> Path:
    """The file in `folder` for what dbt parses out of all that `decides` it, by the dbt that is installed."""
    parts = (*decides, version("dbt-core"), version("dbt-duckdb"))
    return folder / f"{hashlib.sha256(repr(parts).encode()).hexdigest()}.msgpack"


def lend(kept: Path, target: Path) -> None:
    """Lay what is kept into dbt's target folder; what was cut off or damaged stays out, and dbt parses anew."""
    try:
        digest, parsed = (whole := kept.read_bytes())[:_DIGEST], whole[_DIGEST:]
    except FileNotFoundError:
        return
    if hashlib.sha256(parsed).digest() == digest:
        target.mkdir(parents=True, exist_ok=True)
        (target / FILE).write_bytes(parsed)


def keep(kept: Path, target: Path) -> None:
    """Keep what dbt left in its target folder, on the same disk. Whoever reads meanwhile gets the one or the other."""
    if not (target / FILE).exists():
        return
    parsed = (target / FILE).read_bytes()
    (target / kept.name).write_bytes(hashlib.sha256(parsed).digest() + parsed)
    kept.parent.mkdir(parents=True, exist_ok=True)
    (target / kept.name).replace(kept)
    for old in sorted(kept.parent.glob("*.msgpack"), key=_last_used)[:-KEPT]:
        old.unlink(missing_ok=True)


def _last_used(kept: Path) -> float:
    try:
        return kept.stat().st_mtime
    except FileNotFoundError:  # another build has let it go
        return 0.0
