"""Who gets an alert, and how it gets there: by Apprise, or appended to a file. Never longer than SEND_SECONDS."""

import logging
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from marketing_mart.alerting.alert import Alert
from marketing_mart.alerting.message import render
from marketing_mart.config import Route
from marketing_mart.redaction import redact

SEND_SECONDS = 20  # Apprise bounds each wait for a server, but not a server that answers byte by byte


@dataclass(frozen=True)
class Delivery:
    """What became of an alert on one route; `reason` says why it was not delivered, without a secret."""

    route: str
    delivered: bool
    reason: str = ""


def routes_for(alert: Alert, routes: Iterable[Route]) -> list[Route]:
    """Those that take its severity (one of `warning` takes errors too): the owner's own; where there is none, those
    that name no owner; where there is none either, all of them, since nobody would hear of it else."""
    takes = [route for route in routes if alert.severity == "error" or route.severity == "warning"]
    own = [route for route in takes if route.owner and route.owner == alert.owner]
    return own or [route for route in takes if not route.owner] or takes


def deliver(alert: Alert, route: Route, home: Path) -> Delivery:
    """Send one message on one route. Never raises: what went wrong is the delivery's reason."""
    title, body = render(alert)
    name, url = _name(route.url), route.url
    reasons: list[str] = []

    def work() -> None:
        try:
            if url.startswith("file:"):
                append(home / unquote(urlsplit(url).path), f"{title}\n{body}\n\n")
                reasons.append("")
            else:
                reasons.append(_notify(alert, title, body, url))
        except Exception as error:  # an alert about a failure must not become a failure of its own
            reasons.append(f"{type(error).__name__}: {error}")

    thread = threading.Thread(target=work, name="alert", daemon=True)
    thread.start()
    thread.join(SEND_SECONDS)
    reason = reasons[0] if reasons else f"no end after {SEND_SECONDS} s"
    return Delivery(name, not reason, _without(url, reason))


def append(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as stream:
        stream.write(text)


def _notify(alert: Alert, title: str, body: str, url: str) -> str:
    """Send by Apprise; returns why it could not, '' where it could."""
    import apprise

    kind = {"error": apprise.NotifyType.FAILURE, "warning": apprise.NotifyType.WARNING}[alert.severity]
    if alert.kind == "recovery":  # where a service keeps incidents, this is what closes one
        kind = apprise.NotifyType.SUCCESS
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
