"""What is read of a source: which streams, over which days, with which options; and what is told while it is read."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from marketing_mart import demo
from marketing_mart.config import Source
from marketing_mart.connectors import connector
from marketing_mart.connectors.sound import sound
from marketing_mart.erasure import suppressed
from marketing_mart.landing import Landing
from marketing_mart.model_variables import declared_claims
from marketing_mart.privacy import Privacy, impersonal
from marketing_mart.registry import Registry, Run
from marketing_mart.settings import Settings
from marketing_mart.streams import Access, Page, SourceOptions, Stream, Window

# A deal won on the first KPI day takes its contact's last touch before the contact's creation: so far back touches
# are loaded, beyond the attribution window.
SALES_CYCLE_DAYS = 365
log = logging.getLogger("marketing_mart")


def land_streams(
    config: Settings, run: Run, source: str, access: Access, privacy: Privacy, detail: dict[str, Any]
) -> int:
    """Read every stream of a source into the landing; what came of each goes into `detail`. Returns the rows read."""
    landing, rows = Landing(config.home), 0
    landing.sweep()
    options = options_of(config, source)
    if source == "files":
        look_into_inbox(config, landing)
    for stream in streams_on(config, source):
        window = window_of(landing, stream, run, options)
        pages = pages_of(stream, window, access, options, privacy)
        pages = suppressed(config.home, privacy, stream, pages)
        load = landing.land(
            stream, window, pages, kpi_start=run.kpi_start, loaded_at=datetime.now(UTC), run_id=run.run_id
        )
        Registry(config.home).record_load(run.run_id, stream, window, load)
        detail[stream.name] = {"rows": load.rows, "new_versions": load.new_versions}
        rows += load.rows
        log.info("%s: %s rows, %s of %s days new", stream.label, f"{load.rows:,}", load.new_versions, load.days)
    return rows


def streams_on(config: Settings, source: str) -> list[Stream]:
    """What there is to read of a source: all its streams, or those that the inbox has a file of."""
    module = connector(source)
    found = module.present(config.inbox) if source == "files" else module.STREAMS
    told = config.config.freshness.get(source)
    attribution = config.config.attribution
    touches_from = max(attribution.window_days, *attribution.windows.values(), 0) + SALES_CYCLE_DAYS
    claim = declared_claims(config.config).get(source)
    declared = (claim["conversion_type"], claim["attribution_window"]) if claim else None
    return [
        replace(
            stream,
            claims=stream.claims and replace(stream.claims, declared=declared),
            expected_lag_hours=told.expected_lag_hours if told else stream.expected_lag_hours,
            lead_days=touches_from if stream.lead_days else 0,
        )
        for stream in found
    ]


def look_into_inbox(config: Settings, landing: Landing) -> None:
    """Bring the demo's exports in, and tell what is odd about the folder. Raises InputError where nothing is in it."""
    if config.demo:
        demo.refresh_inbox(config)
    read_before = {read.stream for read in landing.reads() if read.source == "files"}
    for told in connector("files").check(config.inbox, read_before):
        log.warning(told)


def options_of(config: Settings, source: str) -> SourceOptions:
    told = config.config.sources.get(source) or Source()
    return SourceOptions(
        accounts=told.accounts,
        lookback_days=told.lookback_days,
        timezone=config.config.reporting.timezone,
        inbox=str(config.inbox),
        columns=told.columns,
    )


def window_of(landing: Landing, stream: Stream, run: Run, options: SourceOptions) -> Window:
    """The days to read: the run's, and those before it that may have changed or never been read."""
    lookback = stream.lookback_days if options.lookback_days is None else options.lookback_days
    if stream.kind == "report":
        window = landing.report_window(stream, run.day, run.kpi_start, lookback)
        return _narrowed(landing, stream, window, options) if stream.source == "files" else window
    return landing.entity_window(stream, run.day, stream.lookback_days)


def _narrowed(landing: Landing, stream: Stream, window: Window, options: SourceOptions) -> Window:
    """The days that the file speaks for; days that no file has ever spoken for are warned of."""
    narrowed = connector("files").narrowed(stream, window, options)
    reached = max((read.last_day for read in landing.reads(stream)), default=narrowed.last)
    if narrowed.first > reached + timedelta(days=1):
        log.warning(
            "%s: its file begins on %s, and none before reached beyond %s", stream.label, narrowed.first, reached
        )
    return narrowed


def pages_of(
    stream: Stream, window: Window, access: Access, options: SourceOptions, privacy: Privacy
) -> Iterator[Page]:
    """What a connector reads of a stream, once it is known to make sense and to name nobody."""
    read = connector(stream.source).read(stream, window, access, options, privacy)
    return with_progress(stream, impersonal(sound(stream, read), privacy))


def with_progress(stream: Stream, pages: Iterator[Page]) -> Iterator[Page]:
    """The same pages, with a line of progress now and then."""
    rows, told_at = 0, datetime.now(UTC)
    for page in pages:
        rows += page.table.num_rows
        if (now := datetime.now(UTC)) - told_at > timedelta(seconds=5):
            log.info("%s: %s rows so far", stream.label, f"{rows:,}")
            told_at = now
        yield page
