"""A source that is late, dead or bad, and the release that goes out without its day: only where config says
`when_late: publish_stale`, only with what the source landed before, and never in silence.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import partial
from typing import Any

from marketing_mart.errors import InputError, MartError, RowsRefused, SourceError, SourceUnavailable
from marketing_mart.landing import Landing
from marketing_mart.redaction import redact
from marketing_mart.registry import Registry, Run
from marketing_mart.release import Release
from marketing_mart.settings import Settings

# What a source does to us. What we lack ourselves (a connection, room on the disk) stops the run in any case.
OF_THE_SOURCE = (SourceError, InputError, RowsRefused)
REASON_LENGTH = 200


@contextmanager
def stale_rather_than_failed(
    config: Settings, run: Run, source: str, detail: dict[str, Any], *, is_last_try: bool
) -> Iterator[None]:
    """What the source raises in the block is kept in `detail` and told of as a warning, where the source may be
    published stale; else it is raised on, as it is while another try may succeed."""
    try:
        yield
    except OF_THE_SOURCE as error:
        if source not in may_be_stale(config, run.day) or (isinstance(error, SourceUnavailable) and not is_last_try):
            raise
        detail["stale"] = reason_of(error)
        tell(config, run, {source: detail["stale"]}, next_step=error.next_step)


def may_be_stale(config: Settings, day: date) -> frozenset[str]:
    """The sources that a release may be published without: config says so, and they have landed something before."""
    willing = {source for source in config.sources if config.config.publishes_stale(source)}
    if not willing:
        return frozenset()
    reads = Landing(config.home).reads()
    return frozenset(
        read.source for read in reads if read.source in willing and read.verdict == "accepted" and read.day <= day
    )


def published_stale(config: Settings, run_id: str, current: Release | None) -> dict[str, str]:
    """source -> why a release of this run has no more of it than what it landed before. A source that nobody has
    read since is as stale as it is in the current release."""
    registry = Registry(config.home)
    stale = registry.stale_sources(run_id)
    if current:
        reads = Landing(config.home).reads()
        since = {read.source for read in reads if read.verdict == "accepted" and read.loaded_at > current.published_at}
        before = registry.published_stale(current.run_id)
        stale |= {source: why for source, why in before.items() if source not in since | stale.keys()}
    return stale


def tell(config: Settings, run: Run, stale: Mapping[str, str], *, next_step: str = "") -> None:
    """A warning for each of these sources, to whoever owns it, told when the run has ended."""
    from marketing_mart import alerting

    for source, why in stale.items():
        newest = newest_day(config, source)
        alert = alerting.Alert(
            severity="warning",
            title=f"{source} is published stale: newest day {newest}",
            source=source,
            day=run.day,
            run_id=run.run_id,
            expected=f"data of {run.day}",
            actual=f"nothing newer than {newest}",
            detail=why,
            owner=config.config.alerts.owner_of(source),
            next_step=redact(next_step) or f"make run MART_DATE={run.day} MART_SOURCES={source}",
            demo=config.demo,
            identity=f"stale:{source}",
        )
        alerting.guarded(partial(alerting.hold, alert, home=config.home), home=config.home)


def newest_day(config: Settings, source: str) -> date | None:
    """The newest day that counts of a source; None where nothing does."""
    loads = Landing(config.home).loads()
    return max((load.day for load in loads if load.source == source and load.counts and load.rows), default=None)


def reason_of(error: MartError) -> str:
    """Its first line, for readers of the mart: without what looks like a credential or an address."""
    return redact(str(error.args[0]).partition("\n")[0])[:REASON_LENGTH]
