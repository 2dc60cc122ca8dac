"""Releasing and dropping, under the lock of the place, with who did it and why."""

from datetime import UTC, datetime
from pathlib import Path

from marketing_mart.errors import QuarantineError
from marketing_mart.landing import Landing
from marketing_mart.place import place_lock
from marketing_mart.quarantine.listing import group
from marketing_mart.registry import Registry
from marketing_mart.release import open_current


def release(home: Path, id_: str, *, why: str, who: str) -> str:
    """A rejected load counts from the next run on. Returns what was done. QuarantineError without a reason, for a
    group of rows, which no command makes right, and for an unknown id."""
    _require(why, "RELEASE", id_)
    with place_lock(home):
        if not _is_load(home, id_):
            found = group(home, id_)
            raise QuarantineError(
                f"{found.rows} rows {id_} can't be let in by a command: {found.let_out_by}",
                next_step=f"then make run; or make quarantine DROP={id_} WHY=… to be warned of them no more",
            )
        load = Landing(home).release(id_, why=why, who=who, at=datetime.now(UTC))
    return f"released: {load.rows:,} rows of {load.source} for {load.day} count from the next run on (make run)"


def drop(home: Path, id_: str, *, why: str, who: str) -> str:
    """A rejected load's files go; of rows, those that are there now are known to be bad and warned of no more. Returns
    what was done."""
    _require(why, "DROP", id_)
    with place_lock(home):
        if _is_load(home, id_):
            load = Landing(home).drop(id_, why=why, who=who, at=datetime.now(UTC))
            return f"dropped: the files of {load.source} for {load.day}, {load.rows:,} rows; their sums are kept"
        found = group(home, id_)
        with open_current(home) as connection:
            keys = connection.execute(
                "select row_key from quarantine where source = ? and stream = ? and reason = ?",
                [found.source, found.stream, found.reason],
            ).fetchall()
        Registry(home).acknowledge(
            [(found.source, found.stream, found.reason, key) for (key,) in keys], why=why, who=who
        )
    return f"acknowledged: {len(keys)} rows {id_} stay in quarantine and are warned of no more"


def _is_load(home: Path, id_: str) -> bool:
    return any(load.load_id == id_ for load in Landing(home).rejected())


def _require(why: str, action: str, id_: str) -> None:
    if not why.strip():
        raise QuarantineError(
            f"{action}={id_} needs a reason, which is kept with your name",
            next_step=f'make quarantine {action}={id_} WHY="…"',
        )
