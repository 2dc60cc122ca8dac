"""What ran, with what result, and which run holds the place: MART_HOME/registry/registry.db (SQLite).

It lives outside the mart's file because one transaction cannot write two attached DuckDB databases, and because
a failed run, which has no mart, must be told of too. Every call opens the file, does one transaction and closes
it, so that any process (Airflow gives each task its own) may go on with a run by its id.

The place: runs are numbered, and the run begun last holds it. Only the holder may publish. The place changes
hands under `place_lock`, which publishing also holds, so it can't change in the middle of a publish.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from marketing_mart.errors import LostPlace, MartError, PublishError
from marketing_mart.place import Process, place_lock, sequence_of

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
BUSY_SECONDS = 30


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Run:
    """`kind` is run or rollback; `outcome` is running, published, unchanged, failed, lost (a newer run began before
    it ended), died (its process was gone) or rolled_back. `host` and `pid` tell who began it, for people: its
    stages run in other processes."""

    run_id: str
    sequence: int
    kind: str
    day: date
    kpi_start: date | None
    demo: bool
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    release_id: str | None
    error: str | None
    host: str
    pid: int


@dataclass(frozen=True)
class StageRun:
    """One attempt at one stage. `outcome` is running, ok, failed, lost or died."""

    stage: str
    attempt: int
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    detail: Mapping[str, Any]
    error: str | None


class Registry:
    """The run registry of one MART_HOME. Any SQLite failure becomes a PublishError that names the file."""

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
            if not db.execute("select 1 from sqlite_master where name = 'releases'").fetchone():
                db.executescript(SCHEMA)

    # -- runs and the place ------------------------------------------------------------------------------------

    def begin_run(self, day: date, *, kpi_start: date | None, demo: bool) -> Run:
        """A new run, which takes the place. Runs still `running` are marked: died where the process of an open
        stage is gone, else lost."""
        with place_lock(self.home):
            return self.begin_locked("run", day, kpi_start=kpi_start, demo=demo)

    def begin_locked(self, kind: str, day: date, *, kpi_start: date | None, demo: bool) -> Run:
        """`begin_run` for a caller that holds the place lock (a rollback takes the place too: a run that builds on
        the withdrawn release must not publish)."""
        process = Process.here()
        with self._write() as db:
            # Releases count as well, so that numbers never repeat where the registry was lost.
            known = [sequence_of(path.name) or 0 for path in (self.home / "releases").glob("*")]
            known.append(db.execute("select coalesce(max(sequence), 0) from runs").fetchone()[0])
            run = Run(
                run_id=f"{day}-{max(known) + 1:06d}",
                sequence=max(known) + 1,
                kind=kind,
                day=day,
                kpi_start=kpi_start,
                demo=demo,
                started_at=self._clock(),
                ended_at=None,
                outcome="running",
                release_id=None,
                error=None,
                host=process.host,
                pid=process.pid,
            )
            self._close_running(db, run)
            _insert(db, "runs", {field.name: getattr(run, field.name) for field in fields(Run)})
        return run

    def run(self, run_id: str) -> Run:
        with self._open() as db:
            row = db.execute("select * from runs where run_id = ?", [run_id]).fetchone()
        if row is None:
            raise PublishError(f"run {run_id} is not in {self.path}", next_step="make run")
        return _run(row)

    def holds_place(self, run_id: str) -> bool:
        newest = self._newest()
        return newest is not None and newest.run_id == run_id

    def require_place(self, run_id: str) -> None:
        """LostPlace, naming the run that took over, unless `run_id` holds the place."""
        run, newest = self.run(run_id), self._newest()
        if newest is not None and newest.run_id != run.run_id:
            raise LostPlace(
                f"run {run_id} lost its place: {newest.kind} {newest.run_id} began at "
                f"{newest.started_at:%Y-%m-%d %H:%M:%S} UTC and only the newest may publish",
                next_step="make history (nothing needs mending: the current release is untouched)",
            )

    def end_run(self, run_id: str, outcome: str, *, error: str | None = None) -> None:
        """How the run ended. What was published stays published, and a run that lost its place or died stays so,
        whatever an orphan of it says later; `error` is kept in any case."""
        with self._write() as db:
            db.execute(
                "update runs set ended_at = ?, error = coalesce(?, error), outcome ="
                " case when outcome in ('running', 'failed') then ? else outcome end where run_id = ?",
                [self._clock().isoformat(), error, outcome, run_id],
            )

    @contextmanager
    def stage(self, run_id: str, name: str) -> Iterator[dict[str, Any]]:
        """Records one attempt at a stage; put what is worth knowing of it into the dict it yields.

        A stage retried alone after its run had failed brings the run back to `running`, once no other stage that
        failed is left."""
        detail: dict[str, Any] = {}
        process = Process.here()
        with self._write() as db:
            attempt = (
                1
                + db.execute("select count(*) from stages where run_id = ? and stage = ?", [run_id, name]).fetchone()[0]
            )
            _insert(db, "stages", {
                "run_id": run_id, "stage": name, "attempt": attempt, "started_at": self._clock(),
                "outcome": "running", "host": process.host, "pid": process.pid, "process_started": process.started,
            })  # fmt: skip
            db.execute(
                "update runs set outcome = 'running', ended_at = null, error = null where run_id = ?"
                " and outcome = 'failed' and sequence = (select max(sequence) from runs) and not exists"
                " (select 1 from stages where run_id = ? group by stage having outcome = 'failed'"
                " and attempt = max(attempt))",  # SQLite takes the other columns from the row of the maximum
                [run_id, run_id],
            )
        outcome, reason = "ok", None
        try:
            yield detail
        except BaseException as error:
            # Only our own messages are known to be free of secrets; of any other error the log has the text.
            outcome, reason = "failed", str(error) if isinstance(error, MartError) else type(error).__name__
            raise
        finally:
            with self._write() as db:
                db.execute(
                    "update stages set ended_at = ?, outcome = ?, detail = ?, error = ?"
                    " where run_id = ? and stage = ? and attempt = ?",
                    [self._clock().isoformat(), outcome, _json(detail), reason, run_id, name, attempt],
                )

    # -- what the stages found -----------------------------------------------------------------------------------

    def record_nodes(self, run_id: str, nodes: Iterable[Mapping[str, Any]]) -> None:
        """dbt's results, one mapping per node with at least `name`; replaces an earlier attempt's."""
        with self._write() as db:
            db.execute("delete from nodes where run_id = ?", [run_id])
            db.executemany("insert into nodes values (?, ?, ?)", [(run_id, n["name"], _json(n)) for n in nodes])

    def record_checks(self, run_id: str, gate: str, checks: Iterable[Mapping[str, Any]]) -> None:
        """A gate's results, one mapping per check with at least `name`; replaces an earlier attempt's."""
        with self._write() as db:
            db.execute("delete from checks where run_id = ? and gate = ?", [run_id, gate])
            db.executemany(
                "insert into checks values (?, ?, ?, ?)", [(run_id, gate, c["name"], _json(c)) for c in checks]
            )

    # -- reading -------------------------------------------------------------------------------------------------

    def history(self, limit: int = 20) -> list[Run]:
        """Newest first. A running run whose open stages' processes are all gone is shown as died; one between two
        stages can't be told from a waiting one and stays `running`."""
        with self._open() as db:
            rows = db.execute("select * from runs order by sequence desc limit ?", [limit]).fetchall()
            runs = [_run(row) for row in rows]
            return [
                replace(run, outcome="died") if run.outcome == "running" and _killed_stages(db, run.run_id) else run
                for run in runs
            ]

    def stages(self, run_id: str) -> list[StageRun]:
        with self._open() as db:
            rows = db.execute("select * from stages where run_id = ? order by started_at, rowid", [run_id]).fetchall()
        return [
            StageRun(
                row["stage"], row["attempt"], _instant(row["started_at"]), _instant(row["ended_at"]),
                row["outcome"], json.loads(row["detail"]), row["error"],
            )
            for row in rows
        ]  # fmt: skip

    def has_done(self, run_id: str, stage: str) -> bool:
        """Whether the last attempt of a run at a stage ended well; False for a run that is not known."""
        attempts = [attempt.outcome for attempt in self.stages(run_id) if attempt.stage == stage]
        return attempts[-1:] == ["ok"]

    def nodes(self, run_id: str) -> list[dict[str, Any]]:
        with self._open() as db:
            return [json.loads(r["result"]) for r in db.execute("select * from nodes where run_id = ?", [run_id])]

    def checks(self, run_id: str, gate: str) -> list[dict[str, Any]]:
        query = "select * from checks where run_id = ? and gate = ?"
        with self._open() as db:
            return [json.loads(r["result"]) for r in db.execute(query, [run_id, gate])]

    # -- releases (publishing's side of the registry; it holds the place lock) -------------------------------------

    def release_rows(self) -> dict[str, sqlite3.Row]:
        """By id, in the order of publication. `published_at` null: a publish began and may not have ended."""
        with self._open() as db:
            rows = db.execute("select * from releases").fetchall()
        return {row["release_id"]: row for row in sorted(rows, key=lambda row: sequence_of(row["release_id"]) or 0)}

    def intend_release(self, release_id: str, *, run_id: str, day: date, fingerprint: str) -> None:
        with self._write() as db:
            row = {"release_id": release_id, "run_id": run_id, "day": day, "fingerprint": fingerprint}
            _insert(db, "releases", row)

    def record_release(self, release_id: str, published_at: datetime) -> None:
        with self._write() as db:
            db.execute(
                "update releases set published_at = ? where release_id = ?", [published_at.isoformat(), release_id]
            )
            db.execute(
                "update runs set outcome = 'published', ended_at = ?, error = null, release_id = ? where run_id ="
                " (select run_id from releases where release_id = ?)",
                [self._clock().isoformat(), release_id, release_id],
            )

    def forget_release(self, release_id: str) -> None:
        with self._write() as db:
            db.execute("delete from releases where release_id = ?", [release_id])

    def withdraw_after(self, release_id: str) -> list[str]:
        """Marks the published releases newer than this one as withdrawn; returns those that were not yet."""
        newer = [
            name
            for name, row in self.release_rows().items()
            if (sequence_of(name) or 0) > (sequence_of(release_id) or 0)
            and row["published_at"]
            and not row["withdrawn_at"]
        ]
        with self._write() as db:
            now = self._clock().isoformat()
            db.executemany("update releases set withdrawn_at = ? where release_id = ?", [(now, name) for name in newer])
        return newer

    def end_rollback(self, run_id: str, release_id: str) -> None:
        with self._write() as db:
            db.execute("update runs set release_id = ? where run_id = ?", [release_id, run_id])
        self.end_run(run_id, "rolled_back")

    # -- inside ----------------------------------------------------------------------------------------------------

    def _newest(self) -> Run | None:
        with self._open() as db:
            row = db.execute("select * from runs order by sequence desc limit 1").fetchone()
        return _run(row) if row else None

    def _close_running(self, db: sqlite3.Connection, successor: Run) -> None:
        now = self._clock().isoformat()
        for row in db.execute("select run_id from runs where outcome = 'running'").fetchall():
            killed = _killed_stages(db, row["run_id"])
            outcome = "died" if killed else "lost"
            error = f"killed during {', '.join(killed)}" if killed else f"{successor.run_id} began before it ended"
            db.execute(
                "update runs set outcome = ?, ended_at = ?, error = ? where run_id = ?",
                [outcome, now, error, row["run_id"]],
            )
            db.execute(
                "update stages set outcome = ? where run_id = ? and outcome = 'running'", [outcome, row["run_id"]]
            )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        db = None
        try:
            db = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
            db.row_factory = sqlite3.Row
            db.execute("pragma synchronous = full")  # an intended release must be on disk before its folder is renamed
            yield db
        except sqlite3.Error as error:
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


def _killed_stages(db: sqlite3.Connection, run_id: str) -> list[str]:
    """The open stages of a run, if every one of them belonged to a process of this host that is gone; else none."""
    open_stages = db.execute("select * from stages where run_id = ? and outcome = 'running'", [run_id]).fetchall()
    if any(Process(row["host"], row["pid"], row["process_started"]).may_live() for row in open_stages):
        return []
    return [row["stage"] for row in open_stages]


def _run(row: sqlite3.Row) -> Run:
    day, kpi_start = date.fromisoformat(row["day"]), row["kpi_start"]
    return Run(**{
        **dict(row), "day": day, "kpi_start": kpi_start and date.fromisoformat(kpi_start), "demo": bool(row["demo"]),
        "started_at": _instant(row["started_at"]), "ended_at": _instant(row["ended_at"]),
    })  # fmt: skip


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)


def _insert(db: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> None:
    values = [value.isoformat() if isinstance(value, date) else value for value in row.values()]  # datetimes are dates
    marks = ", ".join("?" * len(values))
    db.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", values)
