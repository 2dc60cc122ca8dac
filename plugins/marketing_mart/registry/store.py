"""The registry's file: its tables, and one transaction at a time."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from marketing_mart.errors import PublishError

SCHEMA = """
create table if not exists runs (
    run_id text primary key, sequence integer not null unique, kind text not null, day text not null,
    kpi_start text, demo integer not null, started_at text not null, ended_at text, outcome text not null,
    release_id text, error text, host text not null, pid integer not null
);
create table if not exists stages (
    run_id text not null, stage text not null, attempt integer not null, started_at text not null, ended_at text,
    outcome text not null, detail text not null default '{}', error text,
    host text not null, pid integer not null, process_started real not null,
    primary key (run_id, stage, attempt)
);
create table if not exists nodes (run_id text not null, name text not null, result text not null);
create table if not exists checks (run_id text not null, gate text not null, name text not null, result text not null);
create table if not exists releases (
    release_id text primary key, run_id text not null, day text not null, published_at text,
    fingerprint text not null, withdrawn_at text
);
"""
# What later versions added; a registry of any earlier one gets what it lacks when it is opened, and keeps its rows.
ADDED = (
    """
    alter table runs add column error_kind text;
    create table loads (
        run_id text not null, source text not null, stream text not null, kind text not null, first_day text,
        last_day text not null, days integer not null, rows integer not null, new_versions integer not null,
        loaded_at text not null, seconds real not null, primary key (run_id, source, stream)
    );
    create index nodes_of_run on nodes (run_id);
    create index checks_of_run on checks (run_id);
    """,
    """
    create table acknowledged (
        source text not null, stream text not null, reason text not null, row_key text not null,
        why text not null, who text not null, at text not null, primary key (source, stream, reason, row_key)
    );
    """,
)
BUSY_SECONDS = 30


def utc_now() -> datetime:
    return datetime.now(UTC)


class Store:
    """The registry's file in one MART_HOME. Any SQLite failure becomes a PublishError that names the file."""

    def __init__(self, home: Path, clock: Callable[[], datetime] = utc_now) -> None:
        self.home = Path(home)
        self.path = self.home / "registry" / "registry.db"
        self._clock = clock
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise PublishError(f"{self.path.parent} can't be made: {error.strerror}") from error
        with self._open() as db:
            if db.execute("pragma journal_mode").fetchone()[0] != "wal":
                db.execute("pragma journal_mode = wal")
            if _additions(db) < len(ADDED):
                self._prepare()

    def _prepare(self) -> None:
        """Whoever comes first adds what is missing; the others wait for it and find it done."""
        with self._write() as db:
            for script in (SCHEMA, *ADDED[_additions(db) :]):
                for statement in script.split(";"):
                    db.execute(statement)
            db.execute(f"pragma user_version = {len(ADDED)}")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        db = None
        try:
            db = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
            db.row_factory = sqlite3.Row
            db.execute("pragma synchronous = full")  # an intended release must be on disk before its folder is renamed
            yield db
        except (sqlite3.Error, UnicodeDecodeError) as error:  # the latter: a name or text in it is broken
            raise PublishError(
                f"the run registry {self.path}: {error}", next_step="check the free space and permissions of MART_HOME"
            ) from error
        finally:
            if db is not None:
                db.close()

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._open() as db:
            db.execute("begin immediate")
            yield db
            db.execute("commit")  # an exception skips this, and closing rolls back


def _additions(db: sqlite3.Connection) -> int:
    """How many of ADDED the file has."""
    return db.execute("pragma user_version").fetchone()[0]
