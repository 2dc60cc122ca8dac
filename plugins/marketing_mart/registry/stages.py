"""Attempts at stages, and what the stages found."""

import json
import logging
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from marketing_mart.errors import MartError
from marketing_mart.machine import machine_error
from marketing_mart.place import Process
from marketing_mart.redaction import redact_error
from marketing_mart.registry.records import StageRun, as_json, insert, stage_from
from marketing_mart.registry.store import Store

log = logging.getLogger(__name__)


class Stages(Store):
    """What each stage of a run did, try after try."""

    @contextmanager
    def stage(self, run_id: str, name: str) -> Iterator[dict[str, Any]]:
        """Records one attempt at a stage; put what is worth knowing of it into the dict it yields.

        A stage that puts `stale` there has ended, but without what it was there for: its outcome is stale.
        A stage retried alone after its run had failed brings the run back to `running`, once no other stage that
        failed is left."""
        detail: dict[str, Any] = {}
        process = Process.here()
        with self._write() as db:
            attempt = (
                1
                + db.execute("select count(*) from stages where run_id = ? and stage = ?", [run_id, name]).fetchone()[0]
            )
            insert(db, "stages", {
                "run_id": run_id, "stage": name, "attempt": attempt, "started_at": self._clock(),
                "outcome": "running", "host": process.host, "pid": process.pid, "process_started": process.started,
            })  # fmt: skip
            db.execute(
                "update runs set outcome = 'running', ended_at = null, error = null, error_kind = null"
                " where run_id = ?"
                " and outcome = 'failed' and sequence = (select max(sequence) from runs) and not exists"
                " (select 1 from stages where run_id = ? group by stage having outcome = 'failed'"
                " and attempt = max(attempt))",  # SQLite takes the other columns from the row of the maximum
                [run_id, run_id],
            )
        try:
            yield detail
        except BaseException as error:
            # Only our own messages are known to be free of secrets; of any other error the log has the text.
            redact_error(error)
            told = machine_error(error, f"{name} of run {run_id}") or error
            reason = str(told) if isinstance(told, MartError) else type(told).__name__
            try:
                self._end_stage(run_id, name, attempt, "failed", detail, reason)
            except MartError as second:  # a full disk refuses the record too: what went wrong first is what matters
                log.warning("that %s of run %s failed could not be recorded: %s", name, run_id, second)
            if told is error:
                raise
            raise told from error
        self._end_stage(run_id, name, attempt, "stale" if "stale" in detail else "ok", detail, None)

    def _end_stage(
        self, run_id: str, name: str, attempt: int, outcome: str, detail: Mapping[str, Any], reason: str | None
    ) -> None:
        with self._write() as db:
            db.execute(
                "update stages set ended_at = ?, outcome = ?, detail = ?, error = ?"
                " where run_id = ? and stage = ? and attempt = ?",
                [self._clock().isoformat(), outcome, as_json(detail), reason, run_id, name, attempt],
            )

    def stages(self, run_id: str) -> list[StageRun]:
        with self._open() as db:
            rows = db.execute("select * from stages where run_id = ? order by started_at, rowid", [run_id]).fetchall()
        return [stage_from(row) for row in rows]

    def under_way(self) -> list[str]:
        """`<stage> of <run>` for each open stage, on this host or another, whose process may still live."""
        with self._open() as db:
            rows = db.execute("select * from stages where outcome = 'running'").fetchall()
        return [
            f"{row['stage']} of {row['run_id']}"
            for row in rows
            if Process(row["host"], row["pid"], row["process_started"]).may_live()
        ]

    def has_done(self, run_id: str, stage: str) -> bool:
        """Whether the last attempt of a run at a stage ended well; False for a run that is not known."""
        attempts = [attempt.outcome for attempt in self.stages(run_id) if attempt.stage == stage]
        return attempts[-1:] == ["ok"]

    def stale_sources(self, run_id: str) -> dict[str, str]:
        """source -> why the run goes on without what it should have read of it."""
        newest = {attempt.stage: attempt.detail for attempt in self.stages(run_id)}  # later attempts come later
        told = {stage: detail["stale"] for stage, detail in newest.items() if "stale" in detail}
        told = {stage.removeprefix("extract "): why for stage, why in told.items()}
        return told | newest.get("check_landed", {}).get("quarantined", {})

    def published_stale(self, run_id: str) -> dict[str, str]:
        """source -> why what this run built has no more of it than what it landed before."""
        newest = {attempt.stage: attempt.detail for attempt in self.stages(run_id)}
        return newest.get("build", {}).get("published_stale", {})

    def record_nodes(self, run_id: str, nodes: Iterable[Mapping[str, Any]]) -> None:
        """dbt's results, one mapping per node with at least `name`; replaces an earlier attempt's."""
        with self._write() as db:
            db.execute("delete from nodes where run_id = ?", [run_id])
            db.executemany("insert into nodes values (?, ?, ?)", [(run_id, n["name"], as_json(n)) for n in nodes])

    def record_checks(self, run_id: str, gate: str, checks: Iterable[Mapping[str, Any]]) -> None:
        """A gate's results, one mapping per check with at least `name`; replaces an earlier attempt's."""
        with self._write() as db:
            db.execute("delete from checks where run_id = ? and gate = ?", [run_id, gate])
            db.executemany(
                "insert into checks values (?, ?, ?, ?)", [(run_id, gate, c["name"], as_json(c)) for c in checks]
            )

    def nodes(self, run_id: str) -> list[dict[str, Any]]:
        with self._open() as db:
            return [json.loads(r["result"]) for r in db.execute("select * from nodes where run_id = ?", [run_id])]

    def checks(self, run_id: str, gate: str) -> list[dict[str, Any]]:
        query = "select * from checks where run_id = ? and gate = ?"
        with self._open() as db:
            return [json.loads(r["result"]) for r in db.execute(query, [run_id, gate])]


def killed_stages(db: sqlite3.Connection, run_id: str) -> list[str]:
    """The open stages of a run, if every one of them belonged to a process of this host that is gone; else none."""
    open_stages = db.execute("select * from stages where run_id = ? and outcome = 'running'", [run_id]).fetchall()
    if any(Process(row["host"], row["pid"], row["process_started"]).may_live() for row in open_stages):
        return []
    return [row["stage"] for row in open_stages]


def living_stages(db: sqlite3.Connection, run_id: str) -> list[str]:
    """The open stages of a run whose process is on this host and alive."""
    open_stages = db.execute("select * from stages where run_id = ? and outcome = 'running'", [run_id]).fetchall()
    here = Process.here().host
    return [
        row["stage"]
        for row in open_stages
        if row["host"] == here and Process(here, row["pid"], row["process_started"]).may_live()
    ]
