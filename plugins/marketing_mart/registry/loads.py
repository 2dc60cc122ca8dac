"""What each run read, stream by stream."""

from dataclasses import asdict

from marketing_mart.registry.records import LoadRun, insert, load_from
from marketing_mart.registry.store import Store
from marketing_mart.streams import LoadResult, Stream, Window


class Loads(Store):
    """One row per run and stream. The landing's manifest knows every read for good; here stands what it cost."""

    def record_load(self, run_id: str, stream: Stream, window: Window, load: LoadResult) -> None:
        """A read that has landed: `load.loaded_at` is when it began, now is when it ended."""
        row = LoadRun(
            source=load.source,
            stream=load.stream,
            kind=stream.kind,
            first_day=window.first,
            last_day=window.last,
            days=load.days,
            rows=load.rows,
            new_versions=load.new_versions,
            loaded_at=load.loaded_at,
            seconds=round((self._clock() - load.loaded_at).total_seconds(), 3),
        )
        with self._write() as db:
            key = [run_id, load.source, load.stream]
            db.execute("delete from loads where run_id = ? and source = ? and stream = ?", key)
            insert(db, "loads", {"run_id": run_id} | asdict(row))

    def loads(self, run_id: str) -> list[LoadRun]:
        """In the order in which they were read."""
        with self._open() as db:
            rows = db.execute("select * from loads where run_id = ? order by loaded_at, rowid", [run_id]).fetchall()
        return [load_from(row) for row in rows]
