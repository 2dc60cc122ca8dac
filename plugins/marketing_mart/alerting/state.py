"""MART_HOME/alerts.json: which problems are open since when, and which route has been told of them.

A file of its own, not a table of the registry, since it must work where the registry is what is broken. It is
replaced as a whole by one rename, under a lock that the kernel frees when its holder dies. Where it can't be kept,
alerts are sent all the same: told twice is better than not at all.
"""

import fcntl
import hashlib
import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from marketing_mart.alerting.alert import Alert

FILE = "alerts.json"
LOCK_PATIENCE_SECONDS = 60.0


@dataclass
class Told:
    """When a route was last told of a problem, how bad it was then, and what it had spread to."""

    at: str
    severity: str
    variants: list[str] = field(default_factory=list)


@dataclass
class Problem:
    """One that lasts. `alert`: as it was seen last; `runs`: how many have seen it; `told`: by route; `ended`: over,
    which some route has not been told yet."""

    alert: Alert
    since: str
    runs: int = 0
    last_run: str | None = None
    told: dict[str, Told] = field(default_factory=dict)
    ended: str = ""

    @property
    def lasted(self) -> str:
        times = f"{self.runs} run{'s' if self.runs != 1 else ''}"
        until = f" until {_minute(self.ended)} UTC" if self.ended else ""
        return f"{_minute(self.since)} UTC{until}, {times}"

    def is_due(self, route: str, *, remind_before: datetime | None) -> bool:
        """Whether a route has still to hear of it: never told, worse or wider than it was told, or told so long ago
        that it is reminded."""
        told = self.told.get(route)
        if told is None:
            return True
        worse = (told.severity, self.alert.severity) == ("warning", "error")
        wider = not set(self.alert.variants) <= set(told.variants)
        return worse or wider or (remind_before is not None and datetime.fromisoformat(told.at) <= remind_before)


@dataclass
class State:
    """`held`: failures that wait for the end of their run, to be told together. `read_to`: the byte of the record up
    to which undelivered alerts have been told; `complained`: when that was, and of which routes."""

    problems: dict[str, Problem] = field(default_factory=dict)
    held: list[Alert] = field(default_factory=list)
    read_to: int = 0
    complained: Told | None = None
    lost: str = ""  # why the file could not be read; not kept

    def see(self, alert: Alert, at: datetime) -> None:
        """A problem that is there now. One that was over before all had heard of that begins anew."""
        known = self.problems.get(alert.identity)
        if known is None or known.ended:
            known = self.problems[alert.identity] = Problem(alert, at.isoformat())
        if known.runs == 0 or alert.run_id != known.last_run:
            known.runs += 1
        known.alert, known.last_run = alert, alert.run_id

    def end(self, identity: str, at: datetime) -> None:
        self.problems[identity].ended = at.isoformat()

    def is_empty(self) -> bool:
        return not (self.problems or self.held or self.lost)


def route_id(url: str) -> str:
    """A route by a name that is not its secret."""
    return hashlib.sha256(url.encode()).hexdigest()[:12]


@contextmanager
def kept(home: Path, log: logging.Logger) -> Iterator[State]:
    """The state, locked; what the block leaves of it is written back."""
    with _locked(home, log):
        state = _read(home / FILE, log)
        before = _text(state)
        yield state
        if _text(state) != before or state.lost:
            try:
                _write(home / FILE, _text(state))
            except OSError as error:
                log.error("%s can't be written, so alerts may be told again: %s", home / FILE, error)


@contextmanager
def _locked(home: Path, log: logging.Logger) -> Iterator[None]:
    """Alone among the processes of this MART_HOME; after a minute's wait, or without a lock to be had, go on."""
    with suppress(OSError):
        home.mkdir(parents=True, exist_ok=True)
    try:
        file = (home / "alerts.lock").open("a")
    except OSError as error:
        log.error("alerts can't be locked, so they may be told twice: %s", error)
        yield
        return
    with file:
        deadline = time.monotonic() + LOCK_PATIENCE_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    log.error("%s/alerts.lock is held for long: alerts go on without it", home)
                    break
                time.sleep(0.05)
        yield


def _read(path: Path, log: logging.Logger) -> State:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        problems = {name: _problem(one) for name, one in known["problems"].items()}
        complained = Told(**known["complained"]) if known["complained"] else None
        return State(problems, [Alert.from_dict(one) for one in known["held"]], int(known["read_to"]), complained)
    except FileNotFoundError:
        return State()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.error("%s can't be read, so alerts may be told again: %s", path, error)
        return State(lost=f"{path} could not be read ({type(error).__name__}), so problems that last are told again")


def _problem(known: dict[str, Any]) -> Problem:
    told = {route: Told(**one) for route, one in known["told"].items()}
    return Problem(**(known | {"alert": Alert.from_dict(known["alert"]), "told": told}))


def _text(state: State) -> str:
    problems = {
        name: {field.name: getattr(one, field.name) for field in fields(one)}
        | {"alert": one.alert.as_dict(), "told": {r: asdict(t) for r, t in one.told.items()}}
        for name, one in state.problems.items()
    }
    held = [alert.as_dict() for alert in state.held]
    complained = asdict(state.complained) if state.complained else None
    known = {"problems": problems, "held": held, "read_to": state.read_to, "complained": complained}
    return json.dumps(known, ensure_ascii=False, indent=1) + "\n"


def _write(path: Path, text: str) -> None:
    draft = path.with_name(path.name + ".tmp")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)


def _minute(at: str) -> str:
    return at[:16].replace("T", " ")
