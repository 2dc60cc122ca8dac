"""Nobody is paged by silence: asked by cron, whether the release of the day stands by `alerts.release_by`.

It needs neither Airflow nor the run registry, and it tells of a configuration that is refused too: those may be why
there is no release.
"""

import os
import sys
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from marketing_mart import alerting, settings
from marketing_mart.alerting import Alert
from marketing_mart.errors import ConfigError, MartError
from marketing_mart.registry import Registry
from marketing_mart.release import Release, current
from marketing_mart.settings import Settings


def ask(now: datetime) -> int:
    """0 where the release stands, or is not due yet; else 1, and an alert, once while it lasts."""
    try:
        config = settings.load()
    except ConfigError as error:
        return _refused(error, now)
    os.umask(config.umask)
    alerts, zone = config.config.alerts, ZoneInfo(config.config.reporting.timezone)
    is_due = now.astimezone(zone).time() >= datetime.strptime(alerts.release_by, "%H:%M").time()
    day = config.yesterday(now)
    served, why = _served(config.home)
    is_late = is_due and not (served and served.day >= day)
    found = [_alert(config, day, served, why)] if is_late else []
    sent = alerting.report(
        found,
        lambda open_: (
            open_.identity == "config"
            or bool(open_.identity == "late" and open_.day and served and served.day >= open_.day)
        ),
        alerts,
        home=config.home,
        demo=config.demo,
        at=now,
    )
    for alert in found:
        _print(f"{alert.title}: {alert.actual}", is_news=bool(sent) or not alerts.routes)
    for delivery in sent:
        if not delivery.delivered:
            _print(f"alert not delivered to {delivery.route}: {delivery.reason}", is_news=True)
    return 1 if found else 0


def _alert(config: Settings, day: date, served: Release | None, why: str) -> Alert:
    by, zone = config.config.alerts.release_by, config.config.reporting.timezone
    return Alert(
        severity="error",
        title=f"no release of {day} by {by}",
        day=day,
        expected=f"a release of {day} by {by} {zone}",
        actual=f"the newest is of {served.day}" if served else why,
        detail=_last_run(config.home, day),
        owner=config.config.alerts.owner,
        next_step=f"look whether the scheduler lives; make history; then make run MART_DATE={day}",
        demo=config.demo,
        identity="late",
    )


def _served(home: Path) -> tuple[Release | None, str]:
    """The current release; without one, why."""
    try:
        return current(home), "there is none"
    except (MartError, OSError, ValueError, KeyError, TypeError) as error:  # the link or release.json is damaged
        return None, f"the current release can't be read: {error}"


def _last_run(home: Path, day: date) -> str:
    """What the registry knows of the newest run; where it can't be asked, that."""
    if not (home / "registry" / "registry.db").exists():
        return f"the run registry in {home} is not there: no run has begun, or it was lost"
    try:
        newest = next(iter(Registry(home).history(1)), None)
    except MartError as error:
        return f"the run registry can't be read: {error.args[0]}"
    if newest is None:
        return "no run has begun"
    error = f": {newest.error.splitlines()[0]}" if newest.error else ""
    none = "" if newest.day >= day else f"; none of {day} has begun"
    return f"the newest run, {newest.run_id} of {newest.started_at:%Y-%m-%d %H:%M} UTC: {newest.outcome}{error}{none}"


def _refused(error: ConfigError, now: datetime) -> int:
    alerts, home = settings.alerts_at_least()
    alert = Alert(
        severity="error",
        title="the configuration is refused, so nothing can run",
        detail=str(error.args[0]),
        owner=alerts.owner,
        next_step=error.next_step,
        identity="config",
    )
    sent = alerting.report([alert], lambda _: False, alerts, home=home, demo=False, at=now)
    _print(f"error: {error}", is_news=bool(sent) or not alerts.routes)
    return 1


def _print(text: str, *, is_news: bool) -> None:
    """Cron mails what is printed: only what is news; whoever asks by hand is always told."""
    if is_news or sys.stderr.isatty():
        print(text, file=sys.stderr)
