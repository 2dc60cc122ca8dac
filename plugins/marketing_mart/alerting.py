"""One message shape for whoever is on call, sent to the routes of config/mart.yml.

A route is an Apprise URL (https://github.com/caronc/apprise/wiki lists the services) or `file:<path>`, a text file
that is appended to; a relative path lies in MART_HOME. Every alert is also logged, and recorded with what became of
it in MART_HOME/alerts.jsonl, so that one nobody received can be found.
"""

import json
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from marketing_mart.config import Route
from marketing_mart.errors import MartError
from marketing_mart.redaction import redact

RECORD = "alerts.jsonl"
TITLE_LENGTH, DETAIL_LENGTH = 160, 4000
logger = logging.getLogger("marketing_mart.alerting")


@dataclass(frozen=True)
class Alert:
    """What a person must know to act: what is wrong, where, since which run, and what to do next."""

    severity: Literal["error", "warning"]
    title: str
    source: str = ""
    day: date | None = None
    run_id: str = ""
    expected: str = ""
    actual: str = ""
    detail: str = ""
    owner: str = ""
    next_step: str = ""
    samples: tuple[str, ...] = ()
    link: str = ""
    demo: bool = False


@dataclass(frozen=True)
class Delivery:
    """What became of an alert on one route; `reason` says why it was not delivered, without a secret."""

    route: str
    delivered: bool
    reason: str = ""


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
    """The alert for a stage that failed: a MartError's own message, or what else was raised, without a traceback."""
    if isinstance(error, MartError):
        detail, next_step = str(error.args[0]), error.next_step
    else:
        detail = f"{type(error).__name__}: {error}"
        next_step = f"read the traceback in {log_path or f'the log of task {stage}'}"
    detail = redact(detail)
    return Alert(
        severity="error",
        title=f"{stage} failed: {detail.splitlines()[0]}"[:TITLE_LENGTH],
        source=source,
        day=day,
        run_id=run_id or "",
        detail=detail[:DETAIL_LENGTH],
        owner=owner,
        next_step=redact(next_step),
        demo=demo,
    )


def render(alert: Alert) -> tuple[str, str]:
    """Title and body as plain text; what is empty is left out."""
    day = f" {alert.day}" if alert.day else ""
    title = f"{'DEMO ' if alert.demo else ''}{alert.severity.upper()} marketing-mart{day}: {alert.title}"
    lines = [
        ("source", alert.source),
        ("expected", alert.expected),
        ("actual", alert.actual),
        ("detail", alert.detail),
        ("samples", "\n".join(alert.samples)),
        ("next", alert.next_step),
        ("owner", alert.owner),
        ("run", alert.run_id),
        ("link", alert.link),
    ]
    return title, "\n".join(f"{name}: {text}" for name, text in lines if text)


def send(
    alert: Alert,
    routes: Iterable[Route],
    *,
    home: Path,
    log: logging.Logger = logger,
    at: datetime | None = None,
) -> list[Delivery]:
    """Log the alert and send it to every route that takes its severity. Never raises: what can't be delivered is
    logged and recorded. A route of severity `warning` takes errors too."""
    title, body = render(alert)
    log.log(logging.ERROR if alert.severity == "error" else logging.WARNING, "%s\n%s", title, body)
    deliveries = [
        _deliver(alert, title, body, route.url, home)
        for route in routes
        if alert.severity == "error" or route.severity == "warning"
    ]
    for delivery in deliveries:
        if not delivery.delivered:
            log.error("alert not delivered to %s: %s", delivery.route, delivery.reason)
    _record(alert, deliveries, home / RECORD, at or datetime.now(UTC), log)
    return deliveries


def _deliver(alert: Alert, title: str, body: str, url: str, home: Path) -> Delivery:
    name = _name(url)
    try:
        if url.startswith("file:"):
            _append(home / unquote(urlsplit(url).path), f"{title}\n{body}\n\n")
            return Delivery(name, True)
        reason = _notify(alert, title, body, url)
    except Exception as error:  # an alert about a failure must not become a failure of its own
        reason = f"{type(error).__name__}: {error}"
    return Delivery(name, not reason, _without(url, reason))


def _notify(alert: Alert, title: str, body: str, url: str) -> str:
    """Send by Apprise; returns why it could not, '' where it could."""
    import apprise

    kind = apprise.NotifyType.FAILURE if alert.severity == "error" else apprise.NotifyType.WARNING
    service = apprise.Apprise()
    with _masked(url), apprise.LogCapture(level=logging.WARNING, fmt="%(message)s") as told:
        if not service.add(url):
            return "is no URL that Apprise knows"
        delivered = service.notify(title=title, body=body, notify_type=kind, body_format=apprise.NotifyFormat.TEXT)
        reason = " ".join(told.getvalue().split())
    return "" if delivered else reason or "the service did not take it"


@contextmanager
def _masked(url: str) -> Iterator[None]:
    """Apprise logs whole URLs; meanwhile what it logs goes without their credentials."""

    def mask(record: logging.LogRecord) -> bool:
        record.msg, record.args = _without(url, record.getMessage()), None
        return True

    log = logging.getLogger("apprise")
    log.addFilter(mask)
    try:
        yield
    finally:
        log.removeFilter(mask)


def _append(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as stream:
        stream.write(text)


def _record(alert: Alert, deliveries: list[Delivery], path: Path, at: datetime, log: logging.Logger) -> None:
    line = {
        "at": at.isoformat(),
        "delivered": all(delivery.delivered for delivery in deliveries),
        "deliveries": [asdict(delivery) for delivery in deliveries],
        "alert": asdict(replace(alert, detail=alert.detail[:DETAIL_LENGTH])),
    }
    try:
        _append(path, json.dumps(line, default=str, ensure_ascii=False) + "\n")
    except OSError as error:
        log.error("alert not recorded in %s: %s", path, error)


def _name(url: str) -> str:
    """How a route is called in logs: an Apprise URL is made of credentials, so only its scheme is told."""
    return url if url.startswith("file:") else f"{url.partition(':')[0]}://***"


def _without(url: str, reason: str) -> str:
    """The reason without any part of an Apprise URL that could be a credential."""
    if url.startswith("file:"):
        return reason
    for part in sorted(re.split(r"[/:@?&=]+", unquote(url))[1:], key=len, reverse=True):
        if len(part) >= 4:
            reason = reason.replace(part, "***")
    return redact(reason)
