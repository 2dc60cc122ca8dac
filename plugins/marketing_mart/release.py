"""The reader's side of publishing: what a release is, which one is current, how to open it."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from marketing_mart.errors import PublishError

DATABASE = "mart.duckdb"
DESCRIPTION = "release.json"


@dataclass(frozen=True)
class Release:
    """A published mart. `tables`: rows per table of schema `mart` (None: a view). `bytes` is the database's size.
    `models` is the same for releases built by the same models and settings ('': built before it was noted).
    `withdrawn_at` is filled by `publishing.releases` alone: the registry knows it, release.json never changes."""

    path: Path
    release_id: str
    run_id: str
    day: date
    kpi_start: date
    demo: bool
    currency: str
    timezone: str
    fingerprint: str
    published_at: datetime
    tables: Mapping[str, int | None]
    bytes: int
    models: str = ""
    withdrawn_at: datetime | None = None

    @property
    def database(self) -> Path:
        return self.path / DATABASE

    def describe(self) -> str:
        """The text of release.json."""
        known = {
            name: getattr(self, name) for name in self.__dataclass_fields__ if name not in ("path", "withdrawn_at")
        }
        return json.dumps(known, default=lambda value: value.isoformat(), indent=2) + "\n"

    @classmethod
    def load(cls, path: Path) -> "Release":
        """The release in this folder; FileNotFoundError where it has no release.json, PublishError where that is
        no description."""
        text = (path / DESCRIPTION).read_bytes()
        try:
            known = json.loads(text)
            for name, kind in {"day": date, "kpi_start": date, "published_at": datetime}.items():
                known[name] = kind.fromisoformat(known[name])
            return cls(path=path, **known)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise PublishError(
                f"{path / DESCRIPTION} can't be read ({type(error).__name__}): it was cut or changed",
                next_step="restore it from a backup, or move the release's folder away, then make rollback",
            ) from None


def current_id(home: Path) -> str | None:
    """What the link `current` names, whether it is there or not."""
    try:
        return Path(os.readlink(Path(home) / "current")).name
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PublishError(
            f"{home}/current is not a link to a release", next_step="move it away, then make run"
        ) from error


def current(home: Path) -> Release | None:
    """The release that readers get now; None before the first one."""
    while (release_id := current_id(home)) is not None:
        try:
            return Release.load(Path(home) / "releases" / release_id)
        except FileNotFoundError as error:
            if release_id == current_id(home):  # else it was retired between the two looks: look again
                raise PublishError(
                    f"{home}/current points to release {release_id}, which is not there", next_step="make run"
                ) from error
    return None


def attached(database: Path) -> duckdb.DuckDBPyConnection:
    """A connection that reads this file under the name `release`. Opened directly, mart.duckdb would be called
    `mart` after its file, and DuckDB refuses `mart.<table>` as ambiguous between that and the schema `mart`."""
    connection = duckdb.connect()
    try:
        quoted = str(database).replace("'", "''")
        connection.execute(f"attach '{quoted}' as release (read_only)")
        connection.execute("use release.mart")
    except duckdb.Error:
        connection.close()
        raise
    return connection


def open_current(home: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the current release, by its versioned path. Tables are `mart.<name>` or `<name>`.

    Not through the link: DuckDB gives a second connection of a process to the same path the database that the
    first one has open, even when the link has moved on. An open connection keeps its release readable when
    retention removes the folder (the file is unlinked, not gone); it sees the newer one when it connects again.
    """
    while (release := current(home)) is not None:
        try:
            return attached(release.database)
        except duckdb.IOException as error:
            if release.release_id == current_id(home):
                raise PublishError(f"{release.database} can't be opened: {error}", next_step="make rollback") from error
    raise PublishError(f"nothing has been published in {home} yet", next_step="make run")
