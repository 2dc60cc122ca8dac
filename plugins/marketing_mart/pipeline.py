"""The daily run, stage after stage. Each function is one Airflow task and takes the run's id.

    start -> extract -> check_landed -> build -> check_mart -> publish -> report

What one stage leaves for the next is on disk under MART_HOME; the tasks pass ids, never rows.
"""

import hashlib
import json
import logging
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from marketing_mart import demo, settings
from marketing_mart.config import Source
from marketing_mart.connectors import connector, streams
from marketing_mart.errors import ConfigError, MartError, SourceUnavailable
from marketing_mart.landing import NOTHING, Landing, Offer
from marketing_mart.model_variables import declared_claims, variables
from marketing_mart.place import place_lock
from marketing_mart.privacy import Privacy
from marketing_mart.registry import Registry, Run
from marketing_mart.settings import FIRST_LOAD_DAYS, Settings
from marketing_mart.streams import Access, Page, SourceOptions, Stream, Window

WORTH_A_RETRY = SourceUnavailable
# A deal won on the first KPI day takes its contact's last touch before the contact's creation: so far back touches
# are loaded, beyond the attribution window.
SALES_CYCLE_DAYS = 365
log = logging.getLogger("marketing_mart")


def start(logical_date: datetime | None, conf: Mapping[str, str]) -> str:
    """Begin a run and take the place: from here on no older run can publish. Returns the run's id."""
    from marketing_mart import publishing

    config = settings.load()
    day = _day(config, logical_date, conf)
    refuse(config, day)
    publishing.repair(config.home)
    kpi_start = _kpi_start(Landing(config.home).kpi_start(), _given(conf, "mart_start") or config.start, day)
    run = Registry(config.home).begin_run(day, kpi_start=kpi_start, demo=config.demo)
    log.info("run %s: day %s, KPIs from %s, sources %s", run.run_id, day, kpi_start, ", ".join(config.sources))
    return run.run_id


def refuse(config: Settings, day: date) -> None:
    """Raise ConfigError for a run that can't be meant, before anything of it has begun."""
    today = datetime.now(UTC).astimezone(ZoneInfo(config.config.reporting.timezone)).date()
    if day > today:
        raise ConfigError(
            f"the day {day} has not come: it is {today} in {config.config.reporting.timezone}",
            next_step=f"give a day on or before it, such as MART_DATE={today - timedelta(days=1)}",
        )
    _keep_demo_apart(config)


def extract(run_id: str, source: str, access: Access | None, identity: Access | None) -> int:
    """Read every stream of one source into the landing. Returns the rows read."""
    config = settings.load()
    registry = Registry(config.home)
    run = registry.run(run_id)
    with registry.stage(run_id, f"extract {source}") as detail:
        access = _access(config, source, access)
        privacy = Privacy(_hash_key(config, identity))
        landing = Landing(config.home)
        landing.sweep()
        options = _options(config, source)
        if source == "files":
            _look_into_inbox(config, landing)
        for stream in _streams_on(config, source):
            window = _window(landing, stream, run, options)
            pages = _told(stream, connector(source).read(stream, window, access, options, privacy))
            load = landing.land(
                stream, window, pages, kpi_start=run.kpi_start, loaded_at=datetime.now(UTC), run_id=run_id
            )
            detail[stream.name] = {"rows": load.rows, "new_versions": load.new_versions}
            log.info("%s: %s rows, %s of %s days new", stream.label, f"{load.rows:,}", load.new_versions, load.days)
    return sum(load["rows"] for load in detail.values())


def check_landed(run_id: str) -> None:
    """The first gate: what was landed. What is green counts from here on, source by source, and what is red never
    will. Raises GateFailed or GateBroken, and LostPlace where a newer run has begun."""
    from marketing_mart import publishing, quality, warehouse

    config = settings.load()
    registry = Registry(config.home)
    with registry.stage(run_id, "check_landed") as detail:
        landing = Landing(config.home)
        offered = landing.offer(run_id, lambda other, source: registry.has_done(other, f"extract {source}"))
        database = warehouse.create_candidate(_candidate(config, run_id), landing.views(streams(), offered))
        context = _gate_context(config, registry.run(run_id), publishing, offered)
        result = quality.check_landed(database, _checks(config, run_id), context=context)
        with place_lock(config.home):  # what a newer run has read must not be followed by what an older one accepts
            registry.require_place(run_id)
            landing.judge(
                offered,
                accepted=offered.days.keys() - result.red_sources,
                rejected=result.failed_sources,
                run_id=run_id,
                judged_at=datetime.now(UTC),
            )
        _settle(registry, run_id, result, detail)


def build(run_id: str) -> bool:
    """Build the candidate with dbt. False if nothing changed since the current release."""
    from marketing_mart import publishing, warehouse

    config = settings.load()
    registry = Registry(config.home)
    run = registry.run(run_id)
    with registry.stage(run_id, "build") as detail:
        current = publishing.current(config.home)
        told = _variables(config, run, current)
        fingerprint = _fingerprint(config, told)
        if current and current.fingerprint == fingerprint:
            detail["unchanged"] = current.release_id
            shutil.rmtree(_candidate(config, run_id), ignore_errors=True)
            registry.end_run(run_id, "unchanged")
            log.info("nothing changed since release %s", current.release_id)
            return False
        database = warehouse.create_candidate(_candidate(config, run_id), Landing(config.home).views(streams()))
        nodes = warehouse.build(database, told, log_folder=config.home / "logs" / run_id)
        registry.record_nodes(run_id, [asdict(node) for node in nodes])
        (_candidate(config, run_id) / "build.json").write_text(json.dumps({**told, "fingerprint": fingerprint}))
        detail["nodes"] = len(nodes)
        log.info("dbt: %s nodes in %.1f s of work", len(nodes), sum(node.seconds for node in nodes))
    return True


def check_mart(run_id: str) -> None:
    """The second gate: the candidate mart. Raises GateFailed or GateBroken."""
    from marketing_mart import publishing, quality

    config = settings.load()
    registry = Registry(config.home)
    with registry.stage(run_id, "check_mart") as detail:
        result = quality.check_mart(
            _candidate(config, run_id) / "mart.duckdb",
            _checks(config, run_id),
            context=_gate_context(config, registry.run(run_id), publishing, NOTHING),
        )
        _settle(registry, run_id, result, detail)


def publish(run_id: str) -> str:
    """Make the candidate the current release. Raises LostPlace if a newer run has begun. Returns the release's id."""
    from marketing_mart import publishing, warehouse

    config = settings.load()
    registry = Registry(config.home)
    publishing.repair(config.home)  # a killed try may have got as far as the switch
    if (run := registry.run(run_id)).outcome == "published":
        return run.release_id
    with registry.stage(run_id, "publish") as detail:
        registry.require_place(run_id)
        candidate = _candidate(config, run_id)
        built = json.loads((candidate / "build.json").read_text())
        warehouse.seal(candidate / "mart.duckdb")
        shutil.copytree(_checks(config, run_id), candidate / "checks", dirs_exist_ok=True)
        release = publishing.publish(
            config.home,
            run_id,
            candidate,
            day=date.fromisoformat(built["mart_date"]),
            kpi_start=date.fromisoformat(built["kpi_start"]),
            fingerprint=built["fingerprint"],
            demo=config.demo,
            currency=built["reporting_currency"],
            timezone=built["reporting_timezone"],
            keep=config.config.retention.releases,
        )
        detail["release_id"] = release.release_id
        log.info("release %s is current", release.release_id)
    return release.release_id


def report(release_id: str) -> str:
    """Draw the release's page. Returns its path."""
    from marketing_mart import publishing
    from marketing_mart.report import render

    config = settings.load()
    release = next(r for r in publishing.releases(config.home) if r.release_id == release_id)
    with Registry(config.home).stage(release.run_id, "report"):
        page = render(config.home, release)
        log.info("report: %s", page)
    return str(page)


def fail(run_id: str | None, stage: str, error: BaseException) -> None:
    """A task failed for good: the run's record says why and whoever is on call hears of it."""
    from marketing_mart import alerting

    config = settings.load()
    day = None
    if run_id:
        registry = Registry(config.home)
        day = registry.run(run_id).day
        registry.end_run(run_id, "failed", error=str(error) if isinstance(error, MartError) else repr(error)[:500])
    alert = alerting.alert_for(
        error, stage=stage, run_id=run_id, day=day, owner=config.config.alerts.owner, demo=config.demo
    )
    alerting.send(alert, config.config.alerts.routes, home=config.home)


def fail_if_untold(run_id: str | None) -> None:
    """The DAG run failed: tell it, unless the task did. One whose process was killed, or never started, could not."""
    if not run_id:
        return
    registry = Registry(settings.load().home)
    outcome = registry.run(run_id).outcome
    newest = {stage.stage: stage.outcome for stage in registry.stages(run_id)}  # later attempts come later
    unended = [name for name, ended in newest.items() if ended not in ("ok", "failed")]
    if outcome == "failed" or (outcome in ("published", "unchanged") and not unended):
        return
    error = MartError(
        f"{', '.join(unended) or 'a task'}: ended before it could say why (killed, or never started)",
        next_step="read its log in Airflow, see whether memory ran out (dmesg), then clear that task",
    )
    fail(run_id, "run", error)


def access_from(
    source: str, host: str, port: int | None, scheme: str, login: str, secret: str, extra: str | None
) -> Access:
    """An Airflow connection, frozen. `host` may be a whole URL or a name."""
    base = host or ""
    if base and "://" not in base:
        base = f"{scheme or 'https'}://{base}" + (f":{port}" if port else "")
    try:
        more = json.loads(extra or "{}")
    except ValueError:
        raise ConfigError(f"connection mart_{source}: its extra is no JSON", next_step="mend the connection") from None
    return Access(source, base.rstrip("/"), login or "", secret or "", MappingProxyType(more))


def _day(config: Settings, logical_date: datetime | None, conf: Mapping[str, str]) -> date:
    if given := _given(conf, "mart_date") or config.day:
        return given
    if logical_date is None:
        return config.yesterday(datetime.now(UTC))
    return logical_date.astimezone(ZoneInfo(config.config.reporting.timezone)).date()


def _given(conf: Mapping[str, str], key: str) -> date | None:
    return date.fromisoformat(conf[key]) if conf.get(key) else None


def _kpi_start(known: date | None, given: date | None, day: date) -> date:
    """The first day that has KPIs: it only ever moves back, so that no release shows less than the one before."""
    if known is None:
        return given or day - timedelta(days=FIRST_LOAD_DAYS - 1)
    return min(known, given or day, day)


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


def _access(config: Settings, source: str, found: Access | None) -> Access:
    if source == "files":
        return found or Access("files", "")
    if found:
        return found
    if config.demo:
        return demo.access(source, config)
    raise ConfigError(
        f"{source}: there is no Airflow connection mart_{source}, and `demo: true` is not set",
        next_step=f"airflow connections add mart_{source} … (README, Connect a source)",
    )


def _hash_key(config: Settings, identity: Access | None) -> bytes:
    if identity and identity.secret:
        return identity.secret.encode()
    if config.demo:
        return demo.HASH_KEY
    raise ConfigError(
        "there is no Airflow connection mart_identity: its password keys the hashes of emails and phones",
        next_step="airflow connections add mart_identity --conn-type generic --conn-password …",
    )


def _streams_on(config: Settings, source: str) -> list[Stream]:
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


def _look_into_inbox(config: Settings, landing: Landing) -> None:
    """Bring the demo's exports in, and tell what is odd about the folder. Raises InputError where nothing is in it."""
    if config.demo:
        demo.refresh_inbox(config)
    read_before = {read.stream for read in landing.reads() if read.source == "files"}
    for told in connector("files").check(config.inbox, read_before):
        log.warning(told)


def _options(config: Settings, source: str) -> SourceOptions:
    told = config.config.sources.get(source) or Source()
    return SourceOptions(
        accounts=told.accounts,
        lookback_days=told.lookback_days,
        timezone=config.config.reporting.timezone,
        inbox=str(config.inbox),
        columns=told.columns,
    )


def _window(landing: Landing, stream: Stream, run: Run, options: SourceOptions) -> Window:
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


def _told(stream: Stream, pages: Iterator[Page]) -> Iterator[Page]:
    """The same pages, with a line of progress now and then."""
    rows, told_at = 0, datetime.now(UTC)
    for page in pages:
        rows += page.table.num_rows
        if (now := datetime.now(UTC)) - told_at > timedelta(seconds=5):
            log.info("%s: %s rows so far", stream.label, f"{rows:,}")
            told_at = now
        yield page


def _variables(config: Settings, run: Run, current) -> dict[str, object]:
    """What the models are told. A run of an older day adds to the mart; it never takes newer days away."""
    landed = {f"{load.source}/{load.stream}" for load in Landing(config.home).loads() if load.rows and load.counts}
    day = max(run.day, current.day) if current else run.day
    return variables(config.config, mart_date=day, kpi_start=run.kpi_start, landed=landed)


def _fingerprint(config: Settings, told: Mapping[str, object]) -> str:
    from marketing_mart import warehouse

    parts = (
        Landing(config.home).fingerprint(streams()), warehouse.models_fingerprint(), json.dumps(told), config.demo
    )  # fmt: skip
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _gate_context(config: Settings, run: Run, publishing, offered: Offer):
    """The streams that are on, and those of other sources that an earlier run read and no gate has looked at."""
    from marketing_mart.quality import GateContext

    current = publishing.current(config.home)
    on = [stream for source in config.sources for stream in _streams_on(config, source)]
    on += [stream for stream in streams() if stream.label in offered.labels and stream.source not in config.sources]
    return GateContext(
        day=run.day,
        kpi_start=run.kpi_start,
        run_id=run.run_id,
        streams_on=tuple(on),
        owner=config.config.alerts.owner,
        current_release=current.database if current else None,
        days=offered.days,
    )


def _settle(registry: Registry, run_id: str, result, detail: dict) -> None:
    """Record a gate's result, then let it stop the run if it is red."""
    registry.record_checks(run_id, result.gate, [asdict(check) for check in result.checks])
    red = [check for check in result.checks if not check.ok]
    detail |= {"checks": len(result.checks), "red": len(red)}
    log.info("%s: %s checks, %s not green", result.gate, len(result.checks), len(red))
    result.raise_if_red()


def _candidate(config: Settings, run_id: str) -> Path:
    return config.home / "candidates" / run_id


def _checks(config: Settings, run_id: str) -> Path:
    """Results and sample rows of a run's gates; they outlive a run that fails."""
    return config.home / "checks" / run_id
