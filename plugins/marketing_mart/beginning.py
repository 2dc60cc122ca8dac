"""What is settled before a run begins: its day, the first day that has KPIs, and whether it can be meant at all."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from marketing_mart.catching_up import note_missing
from marketing_mart.errors import ConfigError
from marketing_mart.extraction import streams_on
from marketing_mart.landing import Landing, Read
from marketing_mart.registry import Registry, Run
from marketing_mart.release import Release
from marketing_mart.settings import EARLIEST_DAY, FIRST_LOAD_DAYS, Settings

ONE_DAY = timedelta(days=1)


def refuse(config: Settings, day: date) -> None:
    """Raise ConfigError for a run that can't be meant, before anything of it has begun."""
    today = datetime.now(UTC).astimezone(ZoneInfo(config.config.reporting.timezone)).date()
    if day > today:
        raise ConfigError(
            f"the day {day} has not come: it is {today} in {config.config.reporting.timezone}",
            next_step=f"give a day on or before it, such as MART_DATE={today - timedelta(days=1)}",
        )
    _keep_demo_apart(config)


def day_of(config: Settings, logical_date: datetime | None, conf: Mapping[str, str], kind: str = "run") -> date:
    """The reporting day of a run: what its conf or MART_DATE names, else its logical date's, else yesterday. Runs of a
    backfill share their conf and the environment, so theirs is their logical date's."""
    given = None if kind == "backfill" else given_day(conf, "mart_date") or config.day
    if given:
        return given
    if logical_date is None:
        return config.yesterday(datetime.now(UTC))
    return logical_date.astimezone(ZoneInfo(config.config.reporting.timezone)).date()


def given_day(conf: Mapping[str, str], key: str) -> date | None:
    return date.fromisoformat(conf[key]) if conf.get(key) else None


def first_kpi_day(config: Settings, given: date | None, day: date, current: Release | None) -> date:
    """The first day that has KPIs: it only ever moves back, so that no release shows less than the one before, and
    never over a day that nobody has read, which would look like a day without business. A run of an older day adds it,
    and what was read before it, once nothing is missing between it and the days that count."""
    landing = Landing(config.home)
    if (known := landing.kpi_start()) is None:
        return given or day - timedelta(days=FIRST_LOAD_DAYS - 1)
    start = min(known, given or day, day)
    reads = _accepted_reports(config, landing)
    counts_from = max((min(read.kpi_start for read in of_stream) for of_stream in reads if of_stream), default=known)
    if day >= counts_from:  # such a run reads every day from the start on that is missing
        return start

    def is_covered(day: date) -> bool:
        """Files speak for days of their own choice: where there is nothing but files, no day counts as read."""
        return bool(reads) and all(any(r.first_day <= day <= r.last_day for r in of_stream) for of_stream in reads)

    if not all(is_covered(between) for between in _days(day + ONE_DAY, counts_from)):
        return min(counts_from, current.kpi_start) if current else counts_from
    while start > EARLIEST_DAY and is_covered(start - ONE_DAY):
        start -= ONE_DAY
    return start


def _accepted_reports(config: Settings, landing: Landing) -> list[list[Read]]:
    """What a gate has accepted of each report of the sources that are on, but of files, and of touches, which are read
    long before they are shown."""
    on = [stream for source in config.sources if source != "files" for stream in streams_on(config, source)]
    return [
        [read for read in landing.reads(stream) if read.verdict == "accepted"]
        for stream in on
        if stream.kind == "report" and not stream.lead_days
    ]


def _days(first: date, end: date) -> list[date]:
    """From `first` to the day before `end`."""
    return [first + timedelta(days=n) for n in range((end - first).days)]


def begin(config: Settings, day: date, start: date | None, kind: str, current: Release | None) -> Run:
    """A new run that holds the place, what it finds missing noted; the oldest runs leave the history for it."""
    registry = Registry(config.home)
    kpi_start = first_kpi_day(config, start, day, current)
    run = registry.begin_run(day, kpi_start=kpi_start, demo=config.demo, kind=kind)
    registry.forget(runs=config.config.retention.runs, details=config.config.retention.run_details)
    note_missing(config, registry, run, current)
    return run


def _keep_demo_apart(config: Settings) -> None:
    """One MART_HOME is either the demo's or the business's, for good."""
    config.home.mkdir(parents=True, exist_ok=True)
    mark = config.home / "kind"
    kind = "demo" if config.demo else "business"
    if not mark.exists():
        mark.write_text(kind)
    if (found := mark.read_text().strip()) != kind:
        raise ConfigError(
            f"{config.home} holds {found} data, and {config.config_path} says `demo: {str(config.demo).lower()}`:"
            " the two are never mixed",
            next_step="set MART_HOME to another folder",
        )
