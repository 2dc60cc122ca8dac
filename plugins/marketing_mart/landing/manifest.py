"""The manifest: which version of which day was landed by which read, and what a gate said. Rows are only ever added.

`loads` has one row per version of a (source, stream, day); `reads` one row per read of a stream, also where
nothing new came, so that freshness and repeats are provable; `verdicts` one row per read that a gate has judged.
Loads and reads are numbered in the order of their commit.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from marketing_mart.errors import LandingError
from marketing_mart.landing.locks import exclusive
from marketing_mart.landing.manifest_tables import FORMAT, STEPS
from marketing_mart.streams import Stream

PATIENCE_SECONDS = 60.0
_DAYS = ("day", "first_day", "last_day", "kpi_start")
_NOT_KEPT = ("sequence", "counts", "is_current", "verdict")  # numbered by SQLite, or found out when asked for


@dataclass(frozen=True)
class Load:
    """One version of one day of a stream. For entities `day` is the day of extraction.

    `stated_rows`: what the source itself said it had, where the whole read went into this one version.
    `totals`: sums as text by column ("pageviews"), or column and currency where the stream has one ("spend EUR").
    `path`: relative to the landing; empty where the day has no rows. Versions of an entity stream with equal
    content share one file. `columns`: name -> Arrow type, as the file has them.
    `read`: the number of the read that brought it. `counts`: a gate has accepted that read, or is asked to.
    `is_current`: of the versions of that day that count, the newest. Of an entity's days all that count do so.
    """

    source: str
    stream: str
    kind: str
    day: date
    version: int
    rows: int
    stated_rows: int | None
    totals: Mapping[str, str]
    first_day: date | None
    last_day: date
    kpi_start: date
    loaded_at: datetime
    expected_lag_hours: int
    run_id: str
    path: str
    bytes: int
    content_hash: str
    columns: Mapping[str, str]
    sequence: int = 0
    read: int = 0
    counts: bool = False
    is_current: bool = False


@dataclass(frozen=True)
class Read:
    """One read of a stream. `rows` came from the source; `landed_rows` are left where repeats of a key collapsed.
    `verdict`: accepted, rejected, or None where no gate has judged it."""

    source: str
    stream: str
    kind: str
    day: date
    first_day: date | None
    last_day: date
    rows: int
    landed_rows: int
    stated_rows: int | None
    new_versions: int
    kpi_start: date
    loaded_at: datetime
    run_id: str
    sequence: int = 0
    verdict: str | None = None


class Manifest:
    """The manifest file. Each call opens and closes it, so nothing is held over a fork or between processes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def record(self, loads: Sequence[Load], read: Read) -> None:
        """Everything of one `land()` in one transaction: it counts as a whole or not at all."""
        with self._open() as connection:
            connection.execute("begin immediate")
            sequence = _insert(connection, "reads", read)
            for load in loads:
                _insert(connection, "loads", replace(load, read=sequence))
            connection.execute("commit")  # on any exception before, closing the connection undoes all of it

    def judge(self, verdicts: Mapping[int, str], run_id: str, judged_at: datetime) -> None:
        """Keep what the gate of `run_id` said of reads (number -> verdict), all of it or nothing. A first verdict
        stands: judging again changes nothing."""
        rows = [(read, verdict, run_id, _encoded(judged_at)) for read, verdict in verdicts.items()]
        with self._open() as connection:
            connection.execute("begin immediate")
            connection.executemany("insert or ignore into verdicts values (?, ?, ?, ?)", rows)
            connection.execute("commit")

    def loads(self, stream: Stream | None = None, offered: Sequence[int] = ()) -> list[Load]:
        """Every version in the order of commits; of one stream or of all. Those of `offered` reads count too."""
        query = """
            select *, counts and version = max(iif(counts, version, 0)) over (partition by source, stream, day)
                as is_current
            from (
                select loads.*, coalesce(
                    verdict = 'accepted', read in (select value from json_each(:offered))
                ) as counts
                from loads left join verdicts using (read) {where}
            ) order by sequence
        """
        return self._select(Load, query, stream, offered=json.dumps(list(offered)))

    def reads(self, stream: Stream | None = None) -> list[Read]:
        """Every read in the order of commits; of one stream or of all."""
        query = """
            select reads.*, verdict from reads left join verdicts on verdicts.read = reads.sequence
            {where} order by sequence
        """
        return self._select(Read, query, stream)

    def paths(self) -> set[str]:
        """Relative paths of every landed file."""
        with self._open() as connection:
            return {path for (path,) in connection.execute("select distinct path from loads where path <> ''")}

    def replace_files(self, files: Mapping[str, tuple[str, int, str]]) -> None:
        """path -> the path, bytes and content hash of the file that stands in its place; all of them or none."""
        rows = [(*file, path) for path, file in files.items()]
        with self._open() as connection:
            connection.execute("pragma secure_delete = on")  # an old content hash tells whether a row was among them
            connection.execute("begin immediate")
            connection.executemany("update loads set path = ?, bytes = ?, content_hash = ? where path = ?", rows)
            connection.execute("commit")

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Any other answer, as the columns are written."""
        with self._open() as connection:
            cursor = connection.execute(query, values)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """What the block does, all of it or nothing."""
        with self._open() as connection:
            connection.execute("begin immediate")
            yield connection
            connection.execute("commit")

    @staticmethod
    def remove(connection: sqlite3.Connection, loads: Iterable[Load], reason: str, at: datetime) -> None:
        """These loads have no file any more; what they summed up to stays."""
        rows = [(load.sequence, reason, _encoded(at)) for load in loads]
        connection.executemany("insert or ignore into removals values (?, ?, ?)", rows)
        connection.executemany("update loads set path = '' where sequence = ?", [(row[0],) for row in rows])

    @staticmethod
    def point(connection: sqlite3.Connection, load: Load) -> None:
        """The load's rows are in another file from now on."""
        connection.execute(
            "update loads set path = ?, bytes = ?, content_hash = ?, columns = ? where sequence = ?",
            [load.path, load.bytes, load.content_hash, _encoded(load.columns), load.sequence],
        )

    def _select(self, kind: type, query: str, stream: Stream | None, **values: Any) -> list[Any]:
        where = "" if stream is None else "where source = :source and stream = :stream"
        values |= {} if stream is None else {"source": stream.source, "stream": stream.name}
        with self._open() as connection:
            cursor = connection.execute(query.format(where=where), values)
            names = [column[0] for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor]
        try:
            return [kind(**_decoded(row)) for row in rows]
        except (ValueError, TypeError, RecursionError) as error:
            raise LandingError(
                f"the landing's manifest {self.path} holds a row that can't be read: {str(error)[:200]}",
                next_step="restore it from a backup: it was changed by something else, or its disk is failing",
            ) from None

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.path, timeout=PATIENCE_SECONDS, isolation_level=None)) as connection:
                if connection.execute("pragma user_version").fetchone()[0] != FORMAT:
                    self._prepare(connection)
                connection.execute("pragma synchronous = full")
                yield connection
        except (sqlite3.Error, UnicodeDecodeError) as error:  # the latter: a name or text in it is broken
            raise LandingError(
                f"the landing's manifest {self.path} could not be used: {error}",
                next_step="see that its disk has space and can be written, then run again",
            ) from error

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Create the tables, one process at a time: switching to a write-ahead log doesn't wait for others."""
        with exclusive(self.path.with_suffix(".lock")):
            found = connection.execute("pragma user_version").fetchone()[0]
            if found == 0:
                self._refuse_if_lost()
                connection.execute("pragma journal_mode = wal")
            if found in STEPS:
                connection.executescript(f"begin immediate; {STEPS[found]} pragma user_version = {FORMAT}; commit;")
            elif found != FORMAT:
                raise LandingError(
                    f"the landing's manifest {self.path} has format {found}, this program reads format {FORMAT}",
                    next_step="run the version of the program that wrote it, or a newer one",
                )

    def _refuse_if_lost(self) -> None:
        """No manifest, and files that only a manifest knows the meaning of: it was lost. A new one would make them
        nobody's, and the next sweep would delete them."""
        landed = next(self.path.parent.glob("[!.]*/*/day=*/*.parquet"), None)
        if landed:
            raise LandingError(
                f"the landing's manifest {self.path} is gone or empty, but there are landed files, e.g. {landed}",
                next_step="put the manifest back from a copy; without one, move the landing away and read all days"
                " again with make run MART_START=…",
            )


def _insert(connection: sqlite3.Connection, table: str, row: Load | Read) -> int:
    """Returns the number that the row got."""
    values = {name: _encoded(value) for name, value in asdict(row).items() if name not in _NOT_KEPT}
    marks = ", ".join("?" * len(values))
    query = f"insert into {table} ({', '.join(values)}) values ({marks})"
    return connection.execute(query, tuple(values.values())).lastrowid


def _encoded(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return encoded_json(value)


def encoded_json(value: Any) -> Any:
    """Mappings as JSON text with sorted keys; anything else as it is."""
    return json.dumps(value, sort_keys=True) if isinstance(value, Mapping) else value


def _decoded(row: dict[str, Any]) -> dict[str, Any]:
    decoders = {name: date.fromisoformat for name in _DAYS} | {
        "loaded_at": datetime.fromisoformat,
        "totals": json.loads,
        "columns": json.loads,
        "counts": bool,
        "is_current": bool,
    }
    return {
        name: decoders[name](value) if name in decoders and value is not None else value for name, value in row.items()
    }
