"""What one look at a run found becomes at most one message for each route, and nothing where nothing is new.

A problem that lasts is told once, again when it gets worse or spreads, then as a reminder, and when it is over.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from marketing_mart.alerting.alert import Alert, grouped
from marketing_mart.alerting.message import render
from marketing_mart.alerting.record import record, record_fault, size, trouble
from marketing_mart.alerting.routes import Delivery, deliver, routes_for
from marketing_mart.alerting.state import State, Told, kept, route_id
from marketing_mart.config import Alerts, Route

logger = logging.getLogger("marketing_mart.alerting")
IsOver = Callable[[Alert], bool]


def send(
    alert: Alert, routes: Iterable[Route], *, home: Path, log: logging.Logger = logger, at: datetime | None = None
) -> list[Delivery]:
    """Log one alert and send it to the routes that take it, now. Never raises: what can't be delivered is logged and
    recorded, and told by the next message that gets through."""
    return _send(alert, routes_for(alert, routes), home, log, at or datetime.now(UTC))


def hold(alert: Alert, *, home: Path, log: logging.Logger = logger) -> None:
    """Keep an alert until its run has ended, so that what comes together is told together: the next `report` tells
    it, whoever calls."""
    log.log(_level(alert), "held until its run has ended: %s\n%s", *render(alert))
    with kept(home, log) as state:
        state.held = [one for one in state.held if one.identity != alert.identity or not one.identity]
        state.held.append(alert)


def report(
    found: Iterable[Alert],
    is_over: IsOver,
    alerts: Alerts,
    *,
    home: Path,
    demo: bool,
    headline: str = "",
    link: str = "",
    log: logging.Logger = logger,
    at: datetime | None = None,
) -> list[Delivery]:
    """Tell what was found, and what is over: `is_over(alert)` says whether an open problem, as it was seen last, was
    looked at and is there no more. What was not looked at stays open. Never raises for what can't be delivered."""
    at, found = at or datetime.now(UTC), list(found)
    with kept(home, log) as state:
        remind_before = at - timedelta(hours=alerts.remind_after_hours)
        ends = size(home)
        earlier = _earlier(state, alerts, home, remind_before, demo) if ends != state.read_to else None
        if not found and state.is_empty() and earlier is None:
            return []
        found = [*(alert for alert in state.held if not is_over(alert)), *found]
        state.held = []
        seen = _take(state, found, is_over, at)
        events = [alert for alert in found if not alert.identity] + ([earlier] if earlier else [])
        if state.lost:
            events.append(
                Alert("warning", "the state of alerts was lost", detail=state.lost, owner=alerts.owner, demo=demo)
            )
        due = [_due(state, route, alerts.routes, seen, events, remind_before) for route in alerts.routes]
        deliveries = []
        for message in dict.fromkeys(tuple(one) for one in due if one):
            routes = [route for route, one in zip(alerts.routes, due, strict=True) if tuple(one) == message]
            headed = headline if any(a.kind == "problem" and a.severity == "error" for a in message) else ""
            sent = _send(_signed(message, headed, link, demo), routes, home, log, at)
            for route, delivery in zip(routes, sent, strict=True):
                if delivery.delivered:
                    _told(state, route_id(route.url), message, at)
            if earlier in message and any(delivery.delivered for delivery in sent):
                state.read_to, state.complained = ends, Told(at.isoformat(), "", list(earlier.variants))
            deliveries += sent
        _tell_nobody(state, alerts, seen, events, home, log, at)
        _forget(state, {route_id(route.url) for route in alerts.routes})
        return deliveries


def guarded(tell: Callable[[], object], *, home: Path, log: logging.Logger = logger) -> None:
    """Run what tells; a fault in it stops nothing else, is logged, and is told by the next message."""
    try:
        tell()
    except Exception as error:
        record_fault(error, home, log)


def _send(alert: Alert, routes: Sequence[Route], home: Path, log: logging.Logger, at: datetime) -> list[Delivery]:
    title, body = render(alert)
    level = (
        logging.INFO if alert.kind == "recovery" else logging.ERROR if alert.severity == "error" else logging.WARNING
    )
    log.log(level, "%s\n%s", title, body)
    deliveries = [deliver(alert, route, home) for route in routes]
    for delivery in deliveries:
        if not delivery.delivered:
            log.error("alert not delivered to %s: %s", delivery.route, delivery.reason)
    record(alert, deliveries, home, at, log)
    return deliveries


def _level(alert: Alert) -> int:
    if alert.kind == "recovery":
        return logging.INFO
    return logging.ERROR if alert.severity == "error" else logging.WARNING


def _earlier(state: State, alerts: Alerts, home: Path, remind_before: datetime, demo: bool) -> Alert | None:
    """What was not delivered and has not been told; of a route that was told of, again when a reminder is due."""
    start = state.read_to if state.read_to <= size(home) else 0
    earlier = trouble(home, start, owner=alerts.owner, demo=demo)
    known = state.complained
    if earlier and known and set(earlier.variants) <= set(known.variants):
        return earlier if datetime.fromisoformat(known.at) <= remind_before else None
    return earlier


def _take(state: State, found: list[Alert], is_over: IsOver, at: datetime) -> set[str]:
    """Bring the state up to what was found; returns the identities that were seen."""
    seen = {alert.identity: alert for alert in found if alert.identity}
    for alert in seen.values():
        state.see(alert, at)
    for identity, problem in state.problems.items():
        if identity not in seen and not problem.ended and is_over(problem.alert):
            state.end(identity, at)
    return set(seen)


def _due(
    state: State, route: Route, routes: Sequence[Route], seen: set[str], events: list[Alert], remind_before: datetime
) -> list[Alert]:
    """What this route has to hear now."""
    found, name = [], route_id(route.url)
    for identity, problem in state.problems.items():
        told = problem.told.get(name)
        if problem.ended:
            if told:
                over = replace(problem.alert, kind="recovery", lasted=problem.lasted, severity=told.severity)
                found.append(over)
            continue
        remind = remind_before if identity in seen else None
        if route in routes_for(problem.alert, routes) and problem.is_due(name, remind_before=remind):
            lasted = problem.lasted if problem.runs > 1 or told else ""
            news = told is None or problem.is_due(name, remind_before=None)
            found.append(replace(problem.alert, kind="problem" if news else "reminder", lasted=lasted))
    return found + [event for event in events if route in routes_for(event, routes)]


def _signed(message: Sequence[Alert], headline: str, link: str, demo: bool) -> Alert:
    alert = grouped(message, headline, link)
    return replace(alert, demo=alert.demo or demo)


def _told(state: State, route: str, message: Sequence[Alert], at: datetime) -> None:
    for alert in message:
        if problem := state.problems.get(alert.identity):
            if alert.kind == "recovery":
                problem.told.pop(route, None)
            else:
                before = problem.told.get(route)
                variants = sorted({*alert.variants, *(before.variants if before else ())})
                problem.told[route] = Told(at.isoformat(), alert.severity, variants)


def _tell_nobody(
    state: State, alerts: Alerts, seen: set[str], events: list[Alert], home: Path, log: logging.Logger, at: datetime
) -> None:
    """What no route takes is logged and recorded."""
    problems = [problem.alert for identity, problem in state.problems.items() if identity in seen]
    nobody = [alert for alert in [*problems, *events] if not routes_for(alert, alerts.routes)]
    if nobody:
        _send(grouped(nobody), [], home, log, at)


def _forget(state: State, routes: set[str]) -> None:
    """A problem that is over goes once every route that was told of it knows."""
    for identity, problem in list(state.problems.items()):
        if problem.ended and not set(problem.told) & routes:
            del state.problems[identity]
