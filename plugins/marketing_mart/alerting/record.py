"""MART_HOME/alerts.jsonl: every message with what became of it, and every fault of alerting itself.

A line is `{at, alert, delivered, deliveries}` or `{at, fault}`. What stands there as not delivered is told by the next
message that gets through, and by `make history`.
"""

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from marketing_mart.alerting.alert import Alert
from marketing_mart.alerting.routes import Delivery, append
from marketing_mart.redaction import redact

FILE = "alerts.jsonl"
logger = logging.getLogger("marketing_mart.alerting")
TOLD = 10
ALERTING, NO_ROUTE = "alerting itself", "no route"


def record(alert: Alert, deliveries: Sequence[Delivery], home: Path, at: datetime, log: logging.Logger) -> None:
    line = {
        "at": at.isoformat(),
        "delivered": bool(deliveries) and all(delivery.delivered for delivery in deliveries),
        "deliveries": [asdict(delivery) for delivery in deliveries],
        "alert": alert.as_dict(),
    }
    _write(line, home, log)


def record_fault(error: BaseException, home: Path, log: logging.Logger = logger) -> None:
    """Alerting itself raised: the next message tells of it. To be called where the error is handled."""
    log.exception("alerting failed")
    at = datetime.now(UTC).isoformat()
    _write({"at": at, "fault": redact(f"{type(error).__name__}: {error}")[:500]}, home, log)


def size(home: Path) -> int:
    """Bytes of the record, to read on from there; 0 where there is none."""
    path = home / FILE
    return path.stat().st_size if path.exists() else 0


@dataclass(frozen=True)
class Undelivered:
    """A route that did not take alerts, with its reason; the last of them, and how many."""

    route: str
    reason: str
    at: str
    title: str
    severity: str
    times: int

    def __str__(self) -> str:
        last = f"{self.times} times, last " if self.times > 1 else ""
        title = f": {self.title}" if self.title else ""
        return f"{self.route}: {self.reason} ({last}{self.at[:16].replace('T', ' ')} UTC{title})"


def undelivered(home: Path, start: int = 0) -> list[Undelivered]:
    """What was not delivered, from byte `start` on: each route with each reason once, the newest last."""
    found: dict[tuple[str, str], Undelivered] = {}
    for line in _lines(home, start):
        alert = line.get("alert", {})
        title, severity = alert.get("title", ""), alert.get("severity", "error")
        failed = [(one["route"], one["reason"]) for one in line.get("deliveries", ()) if not one["delivered"]]
        if "fault" in line:
            failed = [(ALERTING, line["fault"])]
        elif not line["deliveries"] and severity == "error":  # that nobody hears warnings is a choice
            failed = [(NO_ROUTE, "alerts.routes has none that takes it")]
        for key in failed:
            before = found.pop(key, None)  # the newest last
            worst = "error" if before and before.severity == "error" else severity
            found[key] = Undelivered(*key, line["at"], title, worst, (before.times if before else 0) + 1)
    return list(found.values())


def trouble(home: Path, start: int, *, owner: str, demo: bool) -> Alert | None:
    """The alert that earlier alerts were not delivered; None where all were."""
    told = undelivered(home, start)
    if not told:
        return None
    more = [f"and {len(told) - TOLD} more"] if len(told) > TOLD else []
    return Alert(
        severity="error" if any(one.severity == "error" for one in told) else "warning",
        title="earlier alerts were not delivered",
        detail="\n".join([*map(str, told[-TOLD:]), *more]),
        owner=owner,
        next_step=f"mend the route under alerts.routes; what was to be told stands in {home / FILE}",
        demo=demo,
        variants=tuple(sorted({one.reason if one.route == ALERTING else one.route for one in told})),
    )


def _lines(home: Path, start: int) -> Iterator[dict[str, Any]]:
    """A line that a kill has cut is none."""
    path = home / FILE
    if not path.exists():
        return
    with path.open("rb") as stream:
        stream.seek(start if start <= path.stat().st_size else 0)
        for text in stream:
            try:
                line = json.loads(text)
            except ValueError:
                continue
            if isinstance(line, dict) and ("fault" in line or "deliveries" in line):
                yield line


def _write(line: dict[str, Any], home: Path, log: logging.Logger) -> None:
    try:
        append(home / FILE, json.dumps(line, default=str, ensure_ascii=False) + "\n")
    except OSError as error:
        log.error("alert not recorded in %s: %s", home / FILE, error)
