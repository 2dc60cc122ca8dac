"""The landing: what stages call. See the package's docstring for the files it keeps."""

import os
import shutil
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

from marketing_mart.landing import judged, views, windows
from marketing_mart.landing.arrange import DayFile, arrange
from marketing_mart.landing.locks import exclusive
from marketing_mart.landing.manifest import Load, Manifest, Read
from marketing_mart.landing.offers import NOTHING, Offer, offer
from marketing_mart.landing.overruling import RejectedLoad, drop, rejected_loads, release
from marketing_mart.landing.problems import durable
from marketing_mart.landing.retaining import Retained, retain
from marketing_mart.landing.rewriting import Change, Rewritten, rewrite, sync
from marketing_mart.landing.snapshots import snapshot, sweep_snapshots
from marketing_mart.landing.spool import Spooled, spool
from marketing_mart.streams import LoadResult, Page, Stream, Window


class Landing:
    """The landed files of one MART_HOME. Any number of processes may land and read at the same time."""

    def __init__(self, home: Path) -> None:
        self.root = Path(home).absolute() / "landing"
        self._work, self._locks = self.root / ".work", self.root / ".locks"
        self._snapshots = self.root / ".snapshots"
        for folder in (self._work, self._locks, self._snapshots):
            folder.mkdir(parents=True, exist_ok=True)
        self._manifest = Manifest(self.root / "manifest.db")

    def land(
        self,
        stream: Stream,
        window: Window,
        pages: Iterable[Page],
        *,
        kpi_start: date,
        loaded_at: datetime,
        run_id: str,
    ) -> LoadResult:
        """Land one whole read: after this either all of it has landed or, on any exception, nothing of it. It counts
        once a gate has accepted it: see `offer` and `judge`.

        A day of a report's window without rows lands as a version with no rows, so that what vanished at the
        source vanishes here. Raises RowsRefused for rows outside the window and keys that stand twice;
        what `pages` raises is passed on.
        """
        if loaded_at.tzinfo is None:
            raise ValueError("loaded_at needs a time zone")
        if stream.kind == "report" and (window.first is None or window.first > window.last):
            raise ValueError(f"{stream.label}: a report is read for days, not for {window}")
        with self._workspace() as folder:
            spooled = spool(stream, pages, folder / "spool.parquet")
            with durable(stream, folder):
                day_files = arrange(stream, window, spooled.path, folder)
            with exclusive(self._stream_lock(stream)), durable(stream, self.root):
                return self._commit(stream, window, spooled, day_files, kpi_start, loaded_at, run_id)

    def offer(self, run_id: str, is_whole: Callable[[str, str], bool] = lambda run_id, source: False) -> Offer:
        """What the landed gate of a run is to judge; see `offers.offer`."""
        return offer(self.reads(), run_id, is_whole)

    def judge(
        self, offered: Offer, *, accepted: Collection[str], rejected: Collection[str], run_id: str, judged_at: datetime
    ) -> None:
        """Keep what the gate said of each source's reads in the offer. Those of a source in neither stay unjudged."""
        verdicts = {source: "accepted" for source in accepted} | {source: "rejected" for source in rejected}
        judged = {read.sequence: verdicts[read.source] for read in offered.reads if read.source in verdicts}
        self._manifest.judge(judged, run_id, judged_at)

    def loads(self, stream: Stream | None = None) -> list[Load]:
        """Every landed version in the order of commits."""
        return self._manifest.loads(stream)

    def reads(self, stream: Stream | None = None) -> list[Read]:
        """Every read in the order of commits, also those that brought nothing new."""
        return self._manifest.reads(stream)

    def entity_window(self, stream: Stream, day: date, lookback_days: int) -> Window:
        """What to read of an entity stream for `day`; see `windows.entity_window`."""
        return windows.entity_window(self._accepted_reads(stream), day, lookback_days)

    def report_window(self, stream: Stream, day: date, kpi_start: date, lookback_days: int) -> Window:
        """What to read of a report stream for `day`; see `windows.report_window`."""
        return windows.report_window(stream, self._accepted_reads(stream), day, kpi_start, lookback_days)

    def kpi_start(self) -> date | None:
        """The earliest first KPI day that any read was made for."""
        return min((read.kpi_start for read in self.reads()), default=None)

    def views(self, streams: Iterable[Stream]) -> dict[str, str]:
        """name -> SELECT, for the schema `landed` of a DuckDB database: `<source>__<stream>` for each stream (and
        `<source>__<stream>__versions` where it shows them), `loads` (one row per landed version) and `reads` (one
        row per read that counts). They keep giving what counts by now, whatever lands or is judged later."""
        loads = self._manifest.loads()
        by_stream: dict[tuple[str, str], list[Load]] = {}
        for load in loads:
            by_stream.setdefault((load.source, load.stream), []).append(load)
        selects = {}
        for stream in streams:
            of_stream = by_stream.get((stream.source, stream.name), [])
            name = views.view_name(stream)
            selects[name] = views.rows_that_count(stream, of_stream, self.root)
            if stream.shows_versions:
                selects[f"{name}__versions"] = views.every_version(stream, of_stream, self.root)
        return selects | self._shown_manifest(loads)

    def judged(self, streams: Iterable[Stream], offered: Offer) -> dict[str, dict[str, str]]:
        """schema -> name -> SELECT, for a gate that is to judge the offer; see `landing.judged`."""
        loads = self._manifest.loads(offered=offered.sequences)
        return judged.schemas(streams, loads, offered, self._shown_manifest(loads, offered), self.root)

    def fingerprint(self, streams: Iterable[Stream]) -> str:
        """A hash of the rows that count in these streams: equal as long as no load changed them."""
        return views.fingerprint(streams, self.loads())

    def rewrite(self, stream: Stream, change: Change) -> Rewritten:
        """Every landed version of a stream with its rows changed, rejected and superseded ones too; see `rewriting`.
        Killed in between it has changed some files wholly and the others not at all: to do it again does the rest."""
        with self._workspace() as folder, exclusive(self._stream_lock(stream)), durable(stream, self.root):
            return rewrite(self.root, self._manifest, stream, change, folder)

    def rejected(self) -> list[RejectedLoad]:
        """What is in quarantine as a whole: what a gate rejected and nobody released."""
        return rejected_loads(self._manifest)

    def release(self, load_id: str, *, why: str, who: str, at: datetime) -> RejectedLoad:
        """A rejected load counts after all; see `overruling`."""
        return release(self._manifest, load_id, why=why, who=who, at=at)

    def drop(self, load_id: str, *, why: str, who: str, at: datetime) -> RejectedLoad:
        """A rejected load's files go; see `overruling`."""
        return drop(self._manifest, self.root, load_id, why=why, who=who, at=at)

    def retain(self, stream: Stream, *, loaded_before: datetime, at: datetime) -> Retained:
        """Remove what is old and superseded, lay old loads of entities together; see `retaining`."""
        with self._workspace() as folder, exclusive(self._stream_lock(stream)), durable(stream, self.root):
            return retain(self.root, self._manifest, stream, loaded_before=loaded_before, at=at, folder=folder)

    def sweep(self) -> int:
        """Delete what killed loads left: their work folders, and files that never reached the manifest.
        Loads that run meanwhile are left alone. Returns how many things were deleted."""
        deleted = 0
        for lock in sorted(self._work.glob("*.lock")):
            with exclusive(lock, wait=False) as is_abandoned:
                if is_abandoned:
                    shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
                    lock.unlink(missing_ok=True)
                    deleted += 1
        for folder in sorted(self.root.glob("[!.]*/*/")):
            with exclusive(self._locks / f"{folder.parent.name}.{folder.name}.lock", wait=False) as nobody_commits:
                if nobody_commits:
                    deleted += self._sweep_unrecorded(folder)
        return deleted + sweep_snapshots(self._snapshots)

    def _shown_manifest(self, loads: Sequence[Load], offered: Offer = NOTHING) -> dict[str, str]:
        reads = [read for read in self.reads() if read.verdict == "accepted" or read.sequence in offered.sequences]
        return snapshot(loads, reads, self._snapshots)

    def _accepted_reads(self, stream: Stream) -> list[Read]:
        return [read for read in self.reads(stream) if read.verdict == "accepted"]

    def _sweep_unrecorded(self, folder: Path) -> int:
        recorded = self._manifest.paths()
        orphans = [path for path in folder.rglob("*.parquet") if str(path.relative_to(self.root)) not in recorded]
        for path in orphans:
            path.unlink()
        return len(orphans)

    def _commit(
        self,
        stream: Stream,
        window: Window,
        spooled: Spooled,
        day_files: Sequence[DayFile],
        kpi_start: date,
        loaded_at: datetime,
        run_id: str,
    ) -> LoadResult:
        """Move what is new into place and record it; the caller holds the stream's lock.

        New is what the run's gate would not see otherwise: it sees what counts and what this run landed before. So
        content that another run landed and no gate accepted is landed again, as this run's own version of it. So is
        content that other loads came after, where rows don't tell which of them is newer but by the order of loads.
        """
        of_run = [read.sequence for read in self.reads(stream) if read.run_id == run_id and read.verdict is None]
        known = self._manifest.loads(stream, of_run)
        current = {load.day: load for load in known if load.is_current}
        newest = {load.day: load.version for load in known}  # later ones come later
        shared = {_content(load.kind, load.day, load.content_hash): load.path for load in known if load.path}
        last = max((load.sequence for load in known if load.counts), default=0)
        has_order = stream.kind == "report" or stream.changed_at is not None
        columns = {field.name: str(field.type) for field in stream.schema}
        landed_rows = sum(file.rows for file in day_files)
        new_loads = []
        for file in day_files:
            before = current.get(file.day)
            is_known = before is not None and before.content_hash == file.content_hash
            if is_known and (has_order or before.sequence == last):
                continue
            version = newest.get(file.day, 0) + 1
            path = shared.get(_content(stream.kind, file.day, file.content_hash)) or self._place(stream, file, version)
            new_loads.append(
                Load(
                    source=stream.source, stream=stream.name, kind=stream.kind, day=file.day, version=version,
                    rows=file.rows, stated_rows=spooled.stated_rows if len(day_files) == 1 else None,
                    totals=file.totals, first_day=window.first, last_day=window.last, kpi_start=kpi_start,
                    loaded_at=loaded_at, expected_lag_hours=stream.expected_lag_hours, run_id=run_id, path=path,
                    bytes=file.bytes, content_hash=file.content_hash, columns=columns,
                )
            )  # fmt: skip
        _sync_folders(self.root, [load.path for load in new_loads if load.path])
        read = Read(
            source=stream.source, stream=stream.name, kind=stream.kind, day=window.last, first_day=window.first,
            last_day=window.last, rows=spooled.rows, landed_rows=landed_rows, stated_rows=spooled.stated_rows,
            new_versions=len(new_loads), kpi_start=kpi_start, loaded_at=loaded_at, run_id=run_id,
        )  # fmt: skip
        self._manifest.record(new_loads, read)
        return LoadResult(stream.source, stream.name, len(day_files), landed_rows, len(new_loads), loaded_at)

    def _place(self, stream: Stream, file: DayFile, version: int) -> str:
        """Rename a written file to its final name, its bytes on disk first; '' for a day without rows."""
        if file.path is None:
            return ""
        path = Path(stream.source, stream.name, f"day={file.day}", f"{version:04d}-{file.content_hash[:16]}.parquet")
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        sync(file.path)
        os.replace(file.path, target)
        return str(path)

    def _stream_lock(self, stream: Stream) -> Path:
        return self._locks / f"{stream.source}.{stream.name}.lock"

    @contextmanager
    def _workspace(self) -> Iterator[Path]:
        """A folder for one load. Its lock tells `sweep` that the load still runs."""
        folder = self._work / uuid.uuid4().hex
        lock = folder.with_suffix(".lock")
        with exclusive(lock):
            try:
                folder.mkdir()
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
                lock.unlink(missing_ok=True)


def _content(kind: str, day: date, content_hash: str) -> tuple[date | None, str]:
    """What two versions may share a file by: a report's file stands under its own day."""
    return (day if kind == "report" else None), content_hash


def _sync_folders(root: Path, paths: Sequence[str]) -> None:
    """Make renames durable: the folders of the files and those above them, up to the landing's own."""
    folders = {parent for path in paths for parent in Path(path).parents}
    for folder in sorted(folders, reverse=True):
        sync(root / folder)
