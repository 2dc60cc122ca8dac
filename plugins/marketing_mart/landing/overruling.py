"""What a person says of a load that a gate rejected: it is right after all, or it may go.

A load is what one run read of one source, since a gate judges it as a whole; its id is `<run>/<source>`. A released
load counts as if a gate had accepted it, in its own place in the order of loads: a newer accepted version of a day
still wins. Of a dropped one the files go, and the manifest keeps what they summed up to.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from marketing_mart.errors import LandingError
from marketing_mart.landing.manifest import Load, Manifest, Read


@dataclass(frozen=True)
class RejectedLoad:
    """What a run read of a source and a gate rejected. `judged_by`: the run of that gate. `rows` landed, `versions`
    are new days or files. `dropped`: since when its files are gone, else None."""

    run_id: str
    source: str
    day: date
    streams: tuple[str, ...]
    rows: int
    versions: int
    bytes: int
    judged_by: str
    judged_at: datetime
    dropped: datetime | None = None

    @property
    def load_id(self) -> str:
        return f"{self.run_id}/{self.source}"


def rejected_loads(manifest: Manifest) -> list[RejectedLoad]:
    """Oldest first."""
    verdicts = {row["read"]: row for row in manifest.rows("select * from verdicts where verdict = 'rejected'")}
    dropped = {
        (row["run_id"], row["source"]): datetime.fromisoformat(row["at"])
        for row in manifest.rows("select * from overrulings where action = 'dropped'")
    }
    reads: dict[tuple[str, str], list[Read]] = {}
    for read in manifest.reads():
        if read.sequence in verdicts:
            reads.setdefault((read.run_id, read.source), []).append(read)
    loads = manifest.loads()
    return [
        RejectedLoad(
            run_id=run_id,
            source=source,
            day=found[-1].day,
            streams=tuple(sorted({read.stream for read in found})),
            rows=sum(read.landed_rows for read in found),
            versions=sum(read.new_versions for read in found),
            bytes=sum(load.bytes for load in _of(found, loads) if load.path),
            judged_by=verdicts[found[-1].sequence]["run_id"],
            judged_at=datetime.fromisoformat(verdicts[found[-1].sequence]["judged_at"]),
            dropped=dropped.get((run_id, source)),
        )
        for (run_id, source), found in reads.items()
    ]


def release(manifest: Manifest, load_id: str, *, why: str, who: str, at: datetime) -> RejectedLoad:
    """From now on it counts. LandingError where no rejected load has that id, or its files are gone."""
    load = _rejected(manifest, load_id)
    if load.dropped:
        raise LandingError(
            f"load {load_id} was dropped on {load.dropped:%Y-%m-%d}: its files are gone",
            next_step=f"make run MART_DATE={load.day} MART_SOURCES={load.source}",
        )
    with manifest.transaction() as connection:
        _keep(connection, load, "released", why, who, at)
        connection.execute(
            "update verdicts set verdict = 'accepted' where verdict = 'rejected' and read in"
            " (select sequence from reads where run_id = ? and source = ?)",
            [load.run_id, load.source],
        )
    return load


def drop(manifest: Manifest, root: Path, load_id: str, *, why: str, who: str, at: datetime) -> RejectedLoad:
    """Its files go, those aside that another load shares. LandingError where no rejected load has that id."""
    load = _rejected(manifest, load_id)
    loads = manifest.loads()
    reads = {
        row["sequence"]
        for row in manifest.rows(
            "select sequence from reads join verdicts on read = sequence and verdict = 'rejected'"
            " where reads.run_id = ? and source = ?",
            [load.run_id, load.source],
        )
    }
    theirs = [one for one in loads if one.read in reads and one.path]
    shared = {one.path for one in loads if one.read not in reads}
    with manifest.transaction() as connection:
        if not load.dropped:
            _keep(connection, load, "dropped", why, who, at)
        manifest.remove(connection, theirs, "dropped", at)
    for path in {one.path for one in theirs} - shared:
        (root / path).unlink(missing_ok=True)
    return load


def _of(reads: Iterable[Read], loads: Iterable[Load]) -> list[Load]:
    numbers = {read.sequence for read in reads}
    return [load for load in loads if load.read in numbers]


def _rejected(manifest: Manifest, load_id: str) -> RejectedLoad:
    known = {load.load_id: load for load in rejected_loads(manifest)}
    if load_id not in known:
        raise LandingError(
            f"no load {load_id} is in quarantine" + ("" if known else ": no load is"),
            next_step=f"choose one of: {', '.join(list(known)[-5:])}" if known else "make quarantine",
        )
    return known[load_id]


def _keep(connection: sqlite3.Connection, load: RejectedLoad, action: str, why: str, who: str, at: datetime) -> None:
    connection.execute(
        "insert into overrulings (run_id, source, action, why, who, at) values (?, ?, ?, ?, ?, ?)",
        [load.run_id, load.source, action, why, who, at.isoformat()],
    )
