"""Runs and the place: who began when, how it ended, and which run may publish."""

import sqlite3
from dataclasses import fields, replace
from datetime import date, datetime, timedelta

from marketing_mart.errors import LostPlace, PlaceTaken, PublishError
from marketing_mart.place import Process, place_lock, sequence_of
from marketing_mart.registry.records import Run, insert, run_from
from marketing_mart.registry.stages import killed_stages, living_stages
from marketing_mart.registry.store import Store

# A run that began no stage and ended none for so long has died unseen, between two of them.
SILENCE = timedelta(hours=3)


class Runs(Store):
    """Runs by their numbers; the newest holds the place."""

    def begin_run(self, day: date, *, kpi_start: date | None, demo: bool, kind: str = "run") -> Run:
        """A new run, which takes the place. Runs still `running` are marked: died where the process of an open
        stage is gone, else lost. A backfill takes it from nobody: PlaceTaken while another run is under way."""
        with place_lock(self.home):
            if kind == "backfill" and (other := self._under_way()):
                raise PlaceTaken(f"a backfill of {day} waits: {other.kind} {other.run_id} is under way")
            return self.begin_locked(kind, day, kpi_start=kpi_start, demo=demo)

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
            insert(db, "runs", {field.name: getattr(run, field.name) for field in fields(Run)})
        return run

    def run(self, run_id: str) -> Run:
        with self._open() as db:
            row = db.execute("select * from runs where run_id = ?", [run_id]).fetchone()
        if row is None:
            raise PublishError(f"run {run_id} is not in {self.path}", next_step="make history (it lists the runs)")
        return run_from(row)

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

    def end_run(self, run_id: str, outcome: str, *, error: str | None = None, error_kind: str | None = None) -> None:
        """How the run ended. What was published stays published, and a run that lost its place or died stays so,
        whatever an orphan of it says later; `error` is kept in any case."""
        with self._write() as db:
            db.execute(
                "update runs set ended_at = ?, error = coalesce(?, error), error_kind = coalesce(?, error_kind),"
                " outcome = case when outcome in ('running', 'failed') then ? else outcome end where run_id = ?",
                [self._clock().isoformat(), error, error_kind, outcome, run_id],
            )

    def end_rollback(self, run_id: str, release_id: str) -> None:
        with self._write() as db:
            db.execute("update runs set release_id = ? where run_id = ?", [release_id, run_id])
        self.end_run(run_id, "rolled_back")

    def history(self, limit: int = 20) -> list[Run]:
        """Newest first. A running run whose open stages' processes are all gone is shown as died; one between two
        stages can't be told from a waiting one and stays `running`."""
        with self._open() as db:
            rows = db.execute("select * from runs order by sequence desc limit ?", [limit]).fetchall()
            runs = [run_from(row) for row in rows]
            return [
                replace(run, outcome="died") if run.outcome == "running" and killed_stages(db, run.run_id) else run
                for run in runs
            ]

    def _newest(self) -> Run | None:
        with self._open() as db:
            row = db.execute("select * from runs order by sequence desc limit 1").fetchone()
        return run_from(row) if row else None

    def _under_way(self) -> Run | None:
        with self._open() as db:
            for row in db.execute("select * from runs where outcome = 'running' order by sequence desc").fetchall():
                if killed_stages(db, row["run_id"]):
                    continue
                signs = db.execute("select started_at, ended_at from stages where run_id = ?", [row["run_id"]])
                last = max(filter(None, [row["started_at"], *(sign for pair in signs for sign in pair)]))
                is_heard_of = self._clock() - datetime.fromisoformat(last) < SILENCE
                if is_heard_of or living_stages(db, row["run_id"]):
                    return run_from(row)
        return None

    def _close_running(self, db: sqlite3.Connection, successor: Run) -> None:
        now = self._clock().isoformat()
        for row in db.execute("select run_id from runs where outcome = 'running'").fetchall():
            killed = killed_stages(db, row["run_id"])
            outcome = "died" if killed else "lost"
            error = f"killed during {', '.join(killed)}" if killed else f"{successor.run_id} began before it ended"
            db.execute(
                "update runs set outcome = ?, ended_at = ?, error = ?, error_kind = ? where run_id = ?",
                [outcome, now, error, "Killed" if killed else LostPlace.__name__, row["run_id"]],
            )
            db.execute(
                "update stages set outcome = ? where run_id = ? and outcome = 'running'", [outcome, row["run_id"]]
            )
