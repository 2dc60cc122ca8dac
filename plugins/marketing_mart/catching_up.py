"""After an outage: which days a run reads besides its own, and whether its reads did reach over all of them.

What is read is settled stream by stream by the landing's windows, which begin where the last accepted read ended.
Here it is told: what was missing when the run began, and what the run made good of it.
"""

import logging
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from marketing_mart import alerting
from marketing_mart.extraction import streams_on
from marketing_mart.landing import Landing
from marketing_mart.registry import LoadRun, Registry, Run
from marketing_mart.release import Release
from marketing_mart.settings import Settings

ONE_DAY = timedelta(days=1)
START = "start"  # the stage whose record says what was missing
log = logging.getLogger("marketing_mart")


def note_missing(config: Settings, registry: Registry, run: Run, current: Release | None) -> None:
    """Record, as the stage `start`, the days before the run's that no release was made of or that a source was not
    read for. A run of a day that the release has reached already is no catching up."""
    with registry.stage(run.run_id, START) as detail:
        if current is None or run.day <= current.day:
            return
        begins = {label: last + ONE_DAY for label, last in _last_reads(config, run.day).items()}
        missing = {label: str(begin) for label, begin in sorted(begins.items()) if begin < run.day}
        first = min([*missing.values(), str(current.day + ONE_DAY)])
        if first == str(run.day):
            return
        last = str(run.day - ONE_DAY)
        detail |= {"missed_from": first, "missed_to": last, "streams": missing}
        log.info("no release of %s: this run reads what is missing of them too", _days(first, last))


def tell_caught_up(config: Settings, registry: Registry, run: Run) -> None:
    """Once the run has published: a warning that says which days it made good, and which of them it could not. It is
    sent with whatever else is told of the run."""
    detail = next((stage.detail for stage in reversed(registry.stages(run.run_id)) if stage.stage == START), {})
    if "missed_from" not in detail:
        return
    first, last = (date.fromisoformat(detail[name]) for name in ("missed_from", "missed_to"))
    begins = {label: date.fromisoformat(begin) for label, begin in detail["streams"].items()}
    gaps = _gaps(begins, last, registry.loads(run.run_id))
    count = (last - first).days + 1
    next_step = "see what the inbox's files begin with, or run the sources that were left out" if gaps else ""
    alert = alerting.Alert(
        severity="warning",
        title=f"caught up {count} {'day' if count == 1 else 'days'}: {_days(first, last)}",
        day=run.day,
        run_id=run.run_id,
        expected="a release a day",
        actual=f"none since the one of {first - ONE_DAY}",
        detail="; ".join([_told(begins, last), *gaps]),
        owner=config.config.alerts.owner,
        next_step=next_step,
        demo=config.demo,
    )
    alerting.guarded(lambda: alerting.hold(alert, home=config.home), home=config.home)


def _last_reads(config: Settings, day: date) -> dict[str, date]:
    """source/stream -> the day it was last read for: accepted reads of earlier days, of what is on now."""
    on = {stream.label for source in config.sources for stream in streams_on(config, source)}
    last: dict[str, date] = {}
    for read in Landing(config.home).reads():
        label = f"{read.source}/{read.stream}"
        if read.verdict == "accepted" and read.day < day and label in on:
            last[label] = max(read.day, last.get(label, read.day))
    return last


def _gaps(begins: Mapping[str, date], last: date, loads: Iterable[LoadRun]) -> list[str]:
    """What was missing and is missing still: a stream not read, or read from a later day on."""
    reads = {f"{load.source}/{load.stream}": load for load in loads}
    found = []
    for label, begin in begins.items():
        if (load := reads.get(label)) is None:
            found.append(f"{label}: not read in this run")
        elif load.first_day is not None and load.first_day > begin:
            found.append(f"{label}: not read for {_days(begin, min(last, load.first_day - ONE_DAY))}")
    return found


def _told(begins: Mapping[str, date], last: date) -> str:
    """By source, since a source's streams are read together."""
    of_source = {
        source: min(d for label, d in begins.items() if label.startswith(f"{source}/"))
        for source in sorted({label.partition("/")[0] for label in begins})
    }
    told = ", ".join(f"{source} {_days(begin, last)}" for source, begin in of_source.items())
    return f"read in addition: {told}" if told else "every source had been read meanwhile"


def _days(first: date | str, last: date | str) -> str:
    return str(first) if first == last else f"{first} to {last}"
