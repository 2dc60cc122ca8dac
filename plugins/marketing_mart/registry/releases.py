"""The releases as publishing records them, an intent before each act, so that a kill in between can be repaired."""

import sqlite3
from datetime import date, datetime

from marketing_mart.place import sequence_of
from marketing_mart.registry.records import insert
from marketing_mart.registry.store import Store


class Releases(Store):
    """What was published, is about to be, or was withdrawn. Who calls these holds the place lock."""

    def release_rows(self) -> dict[str, sqlite3.Row]:
        """By id, in the order of publication. `published_at` null: a publish began and may not have ended."""
        with self._open() as db:
            rows = db.execute("select * from releases").fetchall()
        return {row["release_id"]: row for row in sorted(rows, key=lambda row: sequence_of(row["release_id"]) or 0)}

    def intend_release(self, release_id: str, *, run_id: str, day: date, fingerprint: str) -> None:
        with self._write() as db:
            row = {"release_id": release_id, "run_id": run_id, "day": day, "fingerprint": fingerprint}
            insert(db, "releases", row)

    def record_release(self, release_id: str, published_at: datetime) -> None:
        with self._write() as db:
            db.execute(
                "update releases set published_at = ? where release_id = ?", [published_at.isoformat(), release_id]
            )
            db.execute(
                "update runs set outcome = 'published', ended_at = ?, error = null, error_kind = null, release_id = ?"
                " where run_id = (select run_id from releases where release_id = ?)",
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
