"""Candidate -> release, atomically; rollback, retention and the repair of what a killed process left.

Readers follow MART_HOME/current, a link that is replaced by one rename. The order of steps is the argument:

  1. the candidate is checked, described in release.json and fsynced, still in its own place;
  2. the registry notes the intent (publishing and the registry can't be one transaction);
  3. candidates/<run_id> is renamed to releases/<release_id>, its database made read-only;
  4. `current` is replaced: from here on, and not before, the release is published;
  5. the registry notes that it is.

A process killed before 4 has not published: `repair` undoes 3 and forgets 2. One killed after 4 has: `repair` does 5.
"""

import logging
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import duckdb

from marketing_mart.errors import PublishError
from marketing_mart.place import place_lock, sequence_of
from marketing_mart.registry import Registry, utc_now
from marketing_mart.release import (
    DATABASE,
    DESCRIPTION,
    Release,
    attached,
    current,
    current_id,
    open_current,
)

__all__ = ["Release", "current", "open_current", "publish", "releases", "repair", "rollback"]

REMOVING = ".removing-"
# A reader may have looked up where `current` leads and not yet have opened the file there: a release stays for so many
# seconds after another took its place, however few are kept.
GRACE_SECONDS = 60
log = logging.getLogger(__name__)


def publish(
    home: Path,
    run_id: str,
    candidate: Path,
    *,
    day: date,
    kpi_start: date,
    fingerprint: str,
    demo: bool,
    currency: str,
    timezone: str,
    keep: int,
    models: str = "",
    clock: Callable[[], datetime] = utc_now,
) -> Release:
    """Make the candidate folder (mart.duckdb and what belongs to it) the current release, and keep the last `keep`.

    LostPlace where a newer run has begun; PublishError where anything else stops it, with the current release as
    it was. Calling it again is safe: a run publishes once. A run's release has the run's id.
    """
    home, candidate = Path(home), Path(candidate)
    registry = Registry(home, clock)
    with place_lock(home):
        try:
            _repair(home, registry)
            row = registry.release_rows().get(run_id)
            if row and row["published_at"]:
                return Release.load(home / "releases" / run_id)
            registry.require_place(run_id)
            release = Release(
                path=home / "releases" / run_id,
                release_id=run_id,
                run_id=run_id,
                day=day,
                kpi_start=kpi_start,
                demo=demo,
                currency=currency,
                timezone=timezone,
                fingerprint=fingerprint,
                published_at=clock(),
                tables=_tables(candidate / DATABASE),
                bytes=(candidate / DATABASE).stat().st_size,
                models=models,
            )
            _seal(candidate, release)
            registry.intend_release(run_id, run_id=run_id, day=day, fingerprint=fingerprint)
            release.path.parent.mkdir(exist_ok=True)
            os.rename(candidate, release.path)
            release.database.chmod(0o444)
            _fsync(release.path.parent)
            _fsync(candidate.parent)
            _switch(home, run_id)
            registry.record_release(run_id, release.published_at)
        except OSError as error:
            raise _failure(home, run_id, error) from error
        _retire(home, registry, keep, clock())
    return release


def rollback(home: Path, to: str | None = None, *, clock: Callable[[], datetime] = utc_now) -> Release:
    """Make the release published before the current one current again (or `to`, which must be before it), and
    withdraw what came after. A rollback takes the place: a run under way builds on what was withdrawn."""
    home = Path(home)
    registry = Registry(home, clock)
    with place_lock(home):
        serving = _repair(home, registry)
        before = [
            release
            for release in releases(home)
            if release.withdrawn_at is None and serving and _number(release.release_id) < _number(serving)
        ]
        target = next((r for r in reversed(before) if to in (None, r.release_id)), None)
        if target is None:
            wanted = f"release {to} is not" if to else "there is no release"
            raise PublishError(
                f"{wanted} among those kept before the current one ({serving or 'none'})",
                next_step=f"choose one of: {', '.join(r.release_id for r in before)}" if before else "make run",
            )
        run = registry.begin_locked("rollback", target.day, kpi_start=target.kpi_start, demo=target.demo)
        try:
            _switch(home, target.release_id)
        except OSError as error:
            registry.end_run(run.run_id, "failed", error=error.strerror)
            raise _failure(home, target.release_id, error) from error
        registry.withdraw_after(target.release_id)
        registry.end_rollback(run.run_id, target.release_id)
    return target


def releases(home: Path) -> list[Release]:
    """Those whose folder is still kept, in the order of publication, withdrawn ones included."""
    home, found = Path(home), []
    for release_id, row in Registry(home).release_rows().items():
        path = home / "releases" / release_id
        if row["published_at"] and (path / DESCRIPTION).exists():
            withdrawn = row["withdrawn_at"] and datetime.fromisoformat(row["withdrawn_at"])
            found.append(replace(Release.load(path), withdrawn_at=withdrawn))
    return found


def repair(home: Path) -> None:
    """Finish or undo what a killed process left; log each thing done. Run it when a run begins; safe at any time."""
    with place_lock(Path(home)):
        try:
            _repair(Path(home), Registry(home))
        except OSError as error:
            raise PublishError(f"{home} can't be put in order: {error}", next_step="check MART_HOME") from error


def _repair(home: Path, registry: Registry) -> str | None:
    """The caller holds the place lock. Returns the id of the release that is served."""
    serving = current_id(home)
    newest = max((run.sequence for run in registry.history(1)), default=0)
    (home / "current.tmp").unlink(missing_ok=True)
    rows = registry.release_rows()
    for release_id, row in rows.items():
        if row["published_at"]:
            continue
        folder = home / "releases" / release_id
        if release_id == serving:
            log.warning("release %s was made current by a process that was killed right after: recorded", release_id)
            registry.record_release(release_id, Release.load(folder).published_at)
            continue
        candidate = home / "candidates" / row["run_id"]
        if folder.exists() and _number(row["run_id"]) == newest and not candidate.exists():
            (folder / DATABASE).chmod(0o644)
            os.rename(folder, candidate)  # the task that publishes it may be tried again
        elif folder.exists():
            _remove(folder)
        log.warning("release %s was not made current before its process was killed: undone", release_id)
        registry.forget_release(release_id)
    for folder in sorted((home / "releases").glob("*")):
        if folder.name.startswith(REMOVING):
            _clear(folder)
        elif folder.name not in rows and (folder / DESCRIPTION).exists():
            # An intent is written before a folder comes here, so this one's record was lost with the registry.
            log.warning("release %s was not in the registry: recorded", folder.name)
            release = Release.load(folder)
            registry.intend_release(
                folder.name, run_id=release.run_id, day=release.day, fingerprint=release.fingerprint
            )
            registry.record_release(folder.name, release.published_at)
    if serving:
        for release_id in registry.withdraw_after(serving):  # only a rollback makes an older release current
            log.warning("release %s was left by a rollback that was killed: withdrawn", release_id)
    for folder in (home / "candidates").glob("*"):
        if _number(folder.name) != newest:
            _clear(folder)
    return serving


def _clear(path: Path) -> None:
    """Remove what nobody reads. An orphaned task may still be writing there: what stays is tried again next time."""
    try:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    except OSError as error:
        log.warning("%s could not be removed: %s", path, error)


def _tables(database: Path) -> dict[str, int | None]:
    """Rows per table of schema `mart` (None for a view). Refuses a file that something may still write."""
    what = f"the candidate {database}"
    if database.with_name(database.name + ".wal").exists():
        raise PublishError(
            f"{what} has a write-ahead log beside it: its writer has not closed it, or was killed", next_step="make run"
        )
    name = ""
    try:
        with attached(database) as connection:
            names = connection.execute(
                "select table_name, table_type = 'VIEW' from information_schema.tables"
                " where table_schema = 'mart' order by table_name"
            ).fetchall()
            counts = {}
            for name, is_view in names:
                rows = connection.execute(f'select {"1" if is_view else "count(*)"} from "{name}" limit 1').fetchone()
                counts[name] = None if is_view else rows[0]
    except duckdb.Error as error:
        # A view must not name its database: a reader may attach the file under any name.
        raise PublishError(
            f"{what}: {name + ' ' if name else ''}can't be read: {error}",
            next_step="close what holds the file, or mend the model (a view refers to its tables by bare name)",
        ) from error
    if not counts:
        raise PublishError(f"{what} has no table in schema mart", next_step="make run")
    return counts


def _seal(candidate: Path, release: Release) -> None:
    """Describe, and force everything to disk, so that step 3 moves nothing half-written."""
    (candidate / DESCRIPTION).write_text(release.describe())
    for folder, _, names in os.walk(candidate):
        for name in names:
            _fsync(Path(folder) / name)
        _fsync(Path(folder))


def _switch(home: Path, release_id: str) -> None:
    """One rename: a reader finds the release before or this one, never none."""
    link = home / "current.tmp"
    link.unlink(missing_ok=True)
    os.symlink(Path("releases") / release_id, link)
    os.replace(link, home / "current")
    _fsync(home)


def _retire(home: Path, registry: Registry, keep: int, now: datetime) -> None:
    """Remove releases older than the last `keep` standing ones, but for those that were served until just now. The
    new release is served by now, so a folder that can't be removed is no reason to fail: the next run tries again."""
    kept = releases(home)
    standing = [release for release in kept if release.withdrawn_at is None]
    if len(standing) <= keep:
        return
    oldest = _number(standing[-max(keep, 1)].release_id)
    ended = {release.release_id: release.withdrawn_at for release in kept}
    ended |= {before.release_id: after.published_at for before, after in pairwise(standing)}
    for release in kept:
        last_served = ended[release.release_id] or now
        if _number(release.release_id) < oldest and (now - last_served).total_seconds() >= GRACE_SECONDS:
            try:
                _remove(release.path)
            except OSError as error:
                log.warning("release %s could not be removed: %s", release.release_id, error)


def _remove(folder: Path) -> None:
    """Under another name first, so that a kill in between leaves no half release."""
    doomed = folder.with_name(REMOVING + folder.name)
    os.rename(folder, doomed)
    shutil.rmtree(doomed)


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _number(release_id: str) -> int:
    return sequence_of(release_id) or 0


def _failure(home: Path, release_id: str, error: OSError) -> PublishError:
    serving = current_id(home)
    reason = f"{error.strerror or error}{f' ({error.filename})' if error.filename else ''}"
    if serving == release_id:
        message = f"release {release_id} is current, but what follows failed: {reason}"
    else:
        message = f"release {release_id} was not made current: {reason}; {serving or 'none'} is still served"
    return PublishError(message, next_step=f"check the free space and permissions of {home}, then run this again")
