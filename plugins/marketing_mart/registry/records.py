"""The registry's nouns, and how they are written into its rows and read from them."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from marketing_mart.errors import PublishError


@dataclass(frozen=True)
class Run:
    """`kind` is run, backfill, rollback or erase; `outcome` is running, published, unchanged, failed, lost (a newer
    run began before it ended), died (its process was gone), rolled_back or erased. `error_kind` is the class of its
    error. `host` and `pid` tell who began it, for people: its stages run in other processes."""

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
    error_kind: str | None = None

    @property
    def seconds(self) -> float | None:
        return (self.ended_at - self.started_at).total_seconds() if self.ended_at else None


@dataclass(frozen=True)
class StageRun:
    """One attempt at one stage. `outcome` is running, ok, stale (a source whose release goes out with what it
    landed before), failed, lost or died."""

    stage: str
    attempt: int
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    detail: Mapping[str, Any]
    error: str | None

    @property
    def seconds(self) -> float | None:
        return (self.ended_at - self.started_at).total_seconds() if self.ended_at else None


@dataclass(frozen=True)
class LoadRun:
    """One stream as a run read it: the days it asked for (`first_day` None: the full history), what came, how long
    it took. `days` of a report are those of the window, of an entity one. Read again, it replaces the one before."""

    source: str
    stream: str
    kind: str
    first_day: date | None
    last_day: date
    days: int
    rows: int
    new_versions: int
    loaded_at: datetime
    seconds: float


def load_from(row: sqlite3.Row) -> LoadRun:
    first_day = row["first_day"]
    return LoadRun(**{
        **{name: row[name] for name in LoadRun.__dataclass_fields__},
        "first_day": first_day and date.fromisoformat(first_day), "last_day": date.fromisoformat(row["last_day"]),
        "loaded_at": _instant(row["loaded_at"]),
    })  # fmt: skip


def run_from(row: sqlite3.Row) -> Run:
    """PublishError where the row was changed by something else."""
    with _readable(row["run_id"]):
        day, kpi_start = date.fromisoformat(row["day"]), row["kpi_start"]
        return Run(**{
            **dict(row), "day": day, "kpi_start": kpi_start and date.fromisoformat(kpi_start),
            "demo": bool(row["demo"]), "started_at": _instant(row["started_at"]),
            "ended_at": _instant(row["ended_at"]),
        })  # fmt: skip


def stage_from(row: sqlite3.Row) -> StageRun:
    """PublishError where the row was changed by something else."""
    with _readable(row["run_id"]):
        return StageRun(
            row["stage"], row["attempt"], _instant(row["started_at"]), _instant(row["ended_at"]),
            row["outcome"], json.loads(row["detail"]), row["error"],
        )  # fmt: skip


@contextmanager
def _readable(run_id: object) -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError) as error:
        raise PublishError(
            f"the run registry's record of {run_id} can't be read: {error}",
            next_step="restore the registry from a backup; without it, make run begins one from the releases kept",
        ) from None


def as_json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)


def insert(db: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> None:
    values = [value.isoformat() if isinstance(value, date) else value for value in row.values()]  # datetimes are dates
    marks = ", ".join("?" * len(values))
    db.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", values)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
