"""The one noun of alerting, and how a stage that failed, or several alerts at once, become one."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any, Literal, Self

from marketing_mart.errors import LostPlace, MartError
from marketing_mart.redaction import redact

TITLE_LENGTH, DETAIL_LENGTH = 160, 4000
WORST_FIRST = ("error", "warning")


@dataclass(frozen=True)
class Alert:
    """What a person must know to act: what is wrong, where, since which run, and what to do next.

    `identity` tells a problem that lasts from a new one, '' is an event that has no end; `variants` are what it may
    spread to (accounts, kinds of error). `samples` are rows, of the file `sample_path`; `link` is the page to open.
    `kind` reminder: told before and still there; recovery: it is over; `lasted` says since when. `parts`: the alerts
    that one message holds.
    """

    severity: Literal["error", "warning"]
    title: str
    source: str = ""
    account: str = ""
    day: date | None = None
    run_id: str = ""
    expected: str = ""
    actual: str = ""
    detail: str = ""
    owner: str = ""
    next_step: str = ""
    samples: tuple[str, ...] = ()
    sample_path: str = ""
    link: str = ""
    demo: bool = False
    identity: str = ""
    variants: tuple[str, ...] = ()
    failed_rows: int | None = None
    kind: Literal["problem", "reminder", "recovery"] = "problem"
    lasted: str = ""
    parts: tuple["Alert", ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """JSON's types; what is empty is left out, and the sample rows, which stay in their own file alone."""
        known = {name: value for name, value in asdict(self).items() if value not in ("", None, (), False)}
        known.pop("samples", None)
        known |= {"day": self.day.isoformat()} if self.day else {}
        return known | ({"parts": [part.as_dict() for part in self.parts]} if self.parts else {})

    @classmethod
    def from_dict(cls, known: dict[str, Any]) -> Self:
        """The reverse, of what an older or a newer version wrote too: what is unknown here is left out."""
        values = {name: value for name, value in known.items() if name in {field.name for field in fields(cls)}}
        values["variants"] = tuple(values.get("variants", ()))
        values["day"] = date.fromisoformat(values["day"]) if values.get("day") else None
        return cls(**(values | {"parts": tuple(cls.from_dict(part) for part in values.get("parts", ()))}))


def alert_for(
    error: BaseException,
    *,
    stage: str,
    run_id: str | None,
    day: date | None,
    owner: str,
    demo: bool,
    source: str = "",
    log_path: str = "",
) -> Alert:
    """The alert for a stage that failed: a MartError's own message, or what else was raised, without a traceback.
    `log_path` is the page or file with its log."""
    if isinstance(error, MartError):
        detail, next_step = str(error.args[0]), error.next_step
    else:
        detail = f"{type(error).__name__}: {error}"
        next_step = f"read the traceback in {log_path or f'the log of task {stage}'}"
    detail = redact(detail)
    lost = isinstance(error, LostPlace)  # a newer run goes on: nothing that lasts, and nothing to mend
    return Alert(
        severity="warning" if lost else "error",
        title=one_line(f"{stage} failed: {detail.splitlines()[0] if detail.strip() else type(error).__name__}"),
        source=source,
        day=day,
        run_id=run_id or "",
        detail=detail[:DETAIL_LENGTH],
        owner=owner,
        next_step=redact(next_step),
        link=log_path,
        demo=demo,
        identity="" if lost else f"stage:{stage}",
        variants=(type(error).__name__,),
    )


def grouped(alerts: Sequence[Alert], headline: str = "", link: str = "") -> Alert:
    """One message of several alerts, the worst first; of a single one without a headline, itself."""
    if len(alerts) == 1 and not headline:
        return alerts[0]
    parts = sorted(alerts, key=_worst_first)
    worst = parts[0]
    over = all(part.kind == "recovery" for part in parts)
    return replace(
        Alert(severity=worst.severity, title=one_line(headline or f"{counted(parts)}, first: {worst.title}")),
        kind="recovery" if over else "problem",
        day=max((part.day for part in parts if part.day), default=None),
        run_id=max(part.run_id for part in parts),
        owner=", ".join(sorted({part.owner for part in parts if part.owner})),
        demo=any(part.demo for part in parts),
        link=link or next((part.link for part in parts if part.link), ""),
        parts=tuple(parts),
    )


def counted(alerts: Sequence[Alert]) -> str:
    """`9 errors, 3 warnings, 1 still there, 2 over`."""
    counts = {
        "error": [a for a in alerts if a.kind == "problem" and a.severity == "error"],
        "warning": [a for a in alerts if a.kind == "problem" and a.severity == "warning"],
        "still there": [a for a in alerts if a.kind == "reminder"],
        "over": [a for a in alerts if a.kind == "recovery"],
    }
    plural = {"error": "errors", "warning": "warnings"}
    return ", ".join(f"{len(found)} {plural.get(name, name) if len(found) > 1 else name}"
                     for name, found in counts.items() if found)  # fmt: skip


def one_line(text: str) -> str:
    """As a title may be: no line breaks, no end of lines that a mail header would take for its own."""
    return " ".join(text.split())[:TITLE_LENGTH]


def _worst_first(alert: Alert) -> tuple:
    return (
        ("problem", "reminder", "recovery").index(alert.kind),
        WORST_FIRST.index(alert.severity),
        -(alert.failed_rows or 0),
    )
