"""Rows in quarantine that a person knows of: they are counted there still, and warned of no more."""

from collections.abc import Iterable

from marketing_mart.registry.store import Store


class Acknowledged(Store):
    """Who said of which row that it is known to be bad."""

    def acknowledge(self, rows: Iterable[tuple[str, str, str, str]], *, why: str, who: str) -> None:
        """`rows`: source, stream, reason, row_key. Saying it again keeps what was said first."""
        now = self._clock().isoformat()
        with self._write() as db:
            db.executemany(
                "insert or ignore into acknowledged values (?, ?, ?, ?, ?, ?, ?)",
                [(*row, why, who, now) for row in rows],
            )

    def acknowledged(self) -> frozenset[tuple[str, str, str, str]]:
        """source, stream, reason, row_key of each."""
        with self._open() as db:
            rows = db.execute("select source, stream, reason, row_key from acknowledged").fetchall()
        return frozenset(tuple(row) for row in rows)
