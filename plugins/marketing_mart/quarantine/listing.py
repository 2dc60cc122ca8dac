"""What is in quarantine: rejected loads by the manifest, groups of rows by the current release."""

from dataclasses import dataclass
from pathlib import Path

from marketing_mart.errors import QuarantineError
from marketing_mart.landing import Landing, RejectedLoad
from marketing_mart.quarantine.reasons import LET_OUT_BY
from marketing_mart.registry import Registry
from marketing_mart.release import current, open_current

SHOWN = 20  # rows of a group


@dataclass(frozen=True)
class Group:
    """Rows of the current release with one reason. `acknowledged`: how many of them a person knows of."""

    source: str
    stream: str
    reason: str
    rows: int
    acknowledged: int
    first_day: str
    last_day: str

    @property
    def group_id(self) -> str:
        return f"{self.source}/{self.stream}/{self.reason}"

    @property
    def let_out_by(self) -> str:
        return LET_OUT_BY[self.reason]


def loads(home: Path) -> list[tuple[RejectedLoad, list[str]]]:
    """Rejected loads, oldest first, each with what the gate had against it."""
    registry = Registry(home)
    return [(load, _against(registry, load)) for load in Landing(home).rejected()]


def groups(home: Path) -> list[Group]:
    """Those of the current release; none where there is no release yet."""
    if current(home) is None:
        return []
    known = Registry(home).acknowledged()
    found: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    with open_current(home) as connection:
        query = "select source, stream, reason, row_key, cast(date_day as varchar) from quarantine order by all"
        for source, stream, reason, key, day in connection.execute(query).fetchall():
            found.setdefault((source, stream, reason), []).append((key, day or ""))
    return [
        Group(
            *names,
            rows=len(rows),
            acknowledged=sum((*names, key) in known for key, _ in rows),
            first_day=min(day for _, day in rows),
            last_day=max(day for _, day in rows),
        )
        for names, rows in sorted(found.items())
    ]


def group(home: Path, group_id: str) -> Group:
    """QuarantineError where the current release has no such rows."""
    if current(home) is None:
        raise QuarantineError("there is no release yet, so no row is in quarantine", next_step="make run")
    known = {found.group_id: found for found in groups(home)}
    if group_id not in known:
        raise QuarantineError(
            f"nothing in quarantine has the id {group_id}",
            next_step=f"choose one of: {', '.join(known)}" if known else "make quarantine",
        )
    return known[group_id]


def show(home: Path, id_: str) -> list[str]:
    """Lines that tell of one load or one group of rows."""
    for load, against in loads(home):
        if load.load_id == id_:
            state = f"dropped {load.dropped:%Y-%m-%d %H:%M} UTC" if load.dropped else f"{load.bytes:,} bytes"
            return [
                f"load {id_}: {load.source} read for {load.day}: {load.rows:,} rows, {state}",
                f"  {load.versions} new versions of {', '.join(load.streams)}",
                f"  rejected {load.judged_at:%Y-%m-%d %H:%M} UTC by the gate of run {load.judged_by}:",
                *(f"    {reason}" for reason in against),
            ]
    found = group(home, id_)
    with open_current(home) as connection:
        rows = connection.execute(
            "select row_key, date_day, amount_local, currency, row_json from quarantine"
            " where source = ? and stream = ? and reason = ? order by all limit ?",
            [found.source, found.stream, found.reason, SHOWN],
        ).fetchall()
    told = [
        f"  {key} of {day}" + ("" if amount is None else f", {amount} {currency or '(no currency)'}") + f": {row}"
        for key, day, amount, currency, row in rows
    ]
    rest = [f"  and {found.rows - len(rows)} more: make sql"] if found.rows > len(rows) else []
    return [f"{id_}: {found.rows} rows, {found.acknowledged} acknowledged", f"  {found.let_out_by}", *told, *rest]


def _against(registry: Registry, load: RejectedLoad) -> list[str]:
    """The red checks of the gate; an old run's may be gone."""
    checks = registry.checks(load.judged_by, "landed")
    red = [f"{c['name']} of {c['table']}: {c['observed']}" for c in checks if not c["ok"] and c["source"] == load.source
           and c["severity"] == "error"]  # fmt: skip
    return red or ["what its checks said is not kept any more"]
