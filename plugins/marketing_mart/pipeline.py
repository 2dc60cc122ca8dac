"""The daily run, stage after stage. Each function is one Airflow task and takes the run's id.

    start -> extract -> check_landed -> build -> check_mart -> publish -> report

What one stage leaves for the next is on disk under MART_HOME; the tasks pass ids, never rows.
"""

import json
import logging
import shutil
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, date, datetime

from marketing_mart import settings
from marketing_mart.access import access_from, access_to, hash_key
from marketing_mart.beginning import begin, day_of, given_day, refuse
from marketing_mart.candidate import candidate_folder, fingerprint_of, models_of, told_to_models
from marketing_mart.catching_up import tell_caught_up
from marketing_mart.connectors import streams
from marketing_mart.errors import MartError, PlaceTaken, SourceUnavailable
from marketing_mart.extraction import land_streams
from marketing_mart.gates import checks_folder, gate_context, settle
from marketing_mart.landing import NOTHING, Landing
from marketing_mart.lineage import stage
from marketing_mart.machine import machine_errors_told
from marketing_mart.mart_runs import runs_table
from marketing_mart.place import place_lock
from marketing_mart.privacy import Privacy
from marketing_mart.redaction import redact
from marketing_mart.registry import Registry
from marketing_mart.staleness import published_stale, stale_rather_than_failed
from marketing_mart.staleness import tell as tell_stale
from marketing_mart.streams import Access
from marketing_mart.telling import tell_failure, tell_run

__all__ = [
    "WORTH_A_RETRY", "Access", "PlaceTaken", "access_from", "build", "check_landed", "check_mart", "extract", "fail",
    "fail_if_untold", "publish", "refuse", "report", "settings", "start",
]  # fmt: skip

WORTH_A_RETRY = SourceUnavailable
log = logging.getLogger("marketing_mart")


def start(logical_date: datetime | None, conf: Mapping[str, str], kind: str = "run") -> str:
    """Begin a run and take the place: from here on no older run can publish. PlaceTaken where a backfill must wait for
    another run. Returns the run's id."""
    from marketing_mart import erasure, publishing

    config = settings.load()
    day = day_of(config, logical_date, conf, kind)
    with machine_errors_told(f"the start of a run of {day} in {config.home}"):
        refuse(config, day)
        publishing.repair(config.home)
        erasure.finish(config)  # of one that was killed, before its half would be published
        given = given_day(conf, "mart_start") or config.start
        run = begin(config, day, given, kind, publishing.current(config.home))
    log.info("run %s: day %s, KPIs from %s, sources %s", run.run_id, day, run.kpi_start, ", ".join(config.sources))
    return run.run_id


def extract(
    run_id: str, source: str, access: Access | None, identity: Access | None, *, is_last_try: bool = True
) -> int:
    """Read every stream of one source into the landing. Returns the rows read; 0 where the run goes on stale."""
    config = settings.load()
    registry = Registry(config.home)
    run = registry.run(run_id)
    with (
        stage(config, registry, run_id, f"extract {source}") as detail,
        stale_rather_than_failed(config, run, source, detail, is_last_try=is_last_try),
    ):
        access = access_to(config, source, access)
        rows = land_streams(config, run, source, access, Privacy(hash_key(config, identity)), detail)
    return 0 if "stale" in detail else rows


def check_landed(run_id: str) -> None:
    """The first gate: what was landed. What is green counts from here on, source by source, and what is red never
    will. Raises GateFailed or GateBroken, and LostPlace where a newer run has begun."""
    from marketing_mart import publishing, quality, warehouse

    config = settings.load()
    registry = Registry(config.home)
    with stage(config, registry, run_id, "check_landed") as detail:
        landing = Landing(config.home)
        stale, run = registry.stale_sources(run_id), registry.run(run_id)
        offered = landing.offer(run_id, lambda other, source: registry.has_done(other, f"extract {source}"))
        offered = offered.without(stale)
        shown = landing.judged(streams(), offered)
        database = warehouse.create_candidate(candidate_folder(config, run_id), shown.pop("landed"), **shown)
        context = gate_context(config, run, publishing.current(config.home), offered, stale)
        result = quality.check_landed(database, checks_folder(config, run_id), context=context)
        with place_lock(config.home):  # what a newer run has read must not be followed by what an older one accepts
            registry.require_place(run_id)
            landing.judge(
                offered,
                accepted=offered.days.keys() - result.red_sources - result.quarantined.keys(),
                rejected=result.failed_sources | result.quarantined.keys(),
                run_id=run_id,
                judged_at=datetime.now(UTC),
            )
        detail["quarantined"] = result.quarantined
        tell_stale(config, run, result.quarantined)
        settle(registry, run_id, result, detail)


def build(run_id: str) -> bool:
    """Build the candidate with dbt. False if nothing changed since the current release."""
    from marketing_mart import publishing, warehouse

    config = settings.load()
    registry = Registry(config.home)
    run = registry.run(run_id)
    with stage(config, registry, run_id, "build") as detail:
        current = publishing.current(config.home)
        stale = detail["published_stale"] = published_stale(config, run_id, current)
        told = told_to_models(config, run, current, stale)
        fingerprint = fingerprint_of(config, told)
        if current and current.fingerprint == fingerprint:
            detail["unchanged"] = current.release_id
            shutil.rmtree(candidate_folder(config, run_id), ignore_errors=True)
            registry.end_run(run_id, "unchanged")
            log.info("nothing changed since release %s", current.release_id)
            tell_run(config, run_id)
            return False
        views, runs = Landing(config.home).views(streams()), {"runs": runs_table(registry, run_id, stale)}
        database = warehouse.create_candidate(candidate_folder(config, run_id), views, runs)
        nodes = warehouse.build(database, told, log_folder=config.home / "logs" / run_id, parsed=config.home / "dbt")
        registry.record_nodes(run_id, [asdict(node) for node in nodes])
        built = {**told, "fingerprint": fingerprint, "models": models_of(told)}
        (candidate_folder(config, run_id) / "build.json").write_text(json.dumps(built))
        detail["nodes"] = len(nodes)
        log.info("dbt: %s nodes in %.1f s of work", len(nodes), sum(node.seconds for node in nodes))
    return True


def check_mart(run_id: str) -> None:
    """The second gate: the candidate mart. Raises GateFailed or GateBroken."""
    from marketing_mart import publishing, quality

    config = settings.load()
    registry = Registry(config.home)
    with stage(config, registry, run_id, "check_mart") as detail:
        candidate, current = candidate_folder(config, run_id), publishing.current(config.home)
        built = json.loads((candidate / "build.json").read_text())
        context = gate_context(config, registry.run(run_id), current, NOTHING, {})
        context = replace(context, same_models=bool(current) and current.models == built["models"])
        result = quality.check_mart(candidate / "mart.duckdb", checks_folder(config, run_id), context=context)
        settle(registry, run_id, result, detail)


def publish(run_id: str) -> str:
    """Make the candidate the current release. Raises LostPlace if a newer run has begun. Returns the release's id."""
    from marketing_mart import publishing, warehouse

    config = settings.load()
    registry = Registry(config.home)
    publishing.repair(config.home)  # a killed try may have got as far as the switch
    if (run := registry.run(run_id)).outcome == "published":
        return run.release_id
    with stage(config, registry, run_id, "publish") as detail:
        registry.require_place(run_id)
        candidate = candidate_folder(config, run_id)
        built = json.loads((candidate / "build.json").read_text())
        warehouse.seal(candidate / "mart.duckdb")
        shutil.copytree(checks_folder(config, run_id), candidate / "checks", dirs_exist_ok=True)
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
            models=built["models"],
        )
        detail["release_id"] = release.release_id
        log.info("release %s is current", release.release_id)
    tell_caught_up(config, registry, run)
    return release.release_id


def report(release_id: str) -> str:
    """Draw the release's page. Returns its path."""
    from marketing_mart import publishing
    from marketing_mart.report import render

    config = settings.load()
    release = next(r for r in publishing.releases(config.home) if r.release_id == release_id)
    with stage(config, Registry(config.home), release.run_id, "report"):
        page = render(config.home, release)
        log.info("report: %s", page)
    tell_run(config, release.run_id)
    return str(page)


def fail(run_id: str | None, stage: str, error: BaseException, page: str = "") -> None:
    """A task failed for good: the run's record says why and whoever is on call hears of it. `page` has its log."""
    config = settings.load()
    try:
        if run_id:
            told = str(error) if isinstance(error, MartError) else redact(repr(error))[:500]
            Registry(config.home).end_run(run_id, "failed", error=told, error_kind=type(error).__name__)
    finally:  # told even where it can't be recorded
        tell_failure(config, run_id, stage, error, page)


def fail_if_untold(run_id: str | None) -> None:
    """The DAG run failed: tell of its sources together, and of a task whose process was killed, or never started,
    and so could not tell."""
    if not run_id:
        return
    config = settings.load()
    registry = Registry(config.home)
    outcome = registry.run(run_id).outcome
    newest = {"report": "not begun"} if outcome == "published" else {}  # what else can have failed then
    newest |= {stage.stage: stage.outcome for stage in registry.stages(run_id)}  # later attempts come later
    unended = [name for name, ended in newest.items() if ended not in ("ok", "stale", "failed")]
    if outcome in ("failed", "published", "unchanged") and not unended:
        return tell_run(config, run_id)
    told = f"{', '.join(unended) or 'a task'}: ended before it could say why (killed, or never started)"
    next_step = "read its log in Airflow, see whether memory ran out (dmesg), then clear that task"
    return fail(run_id, "run", MartError(told, next_step=next_step))
