"""What whoever is on call hears of a run: what the registry knows of its stages, its gates and its release.

Every call looks at the whole run, so that one that was missed is made up for by the next; `alerting` sees to it that
nothing is told twice.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from marketing_mart import alerting
from marketing_mart.alerting import kpis
from marketing_mart.alerting.checks import identity_of
from marketing_mart.errors import MartError
from marketing_mart.registry import Registry, StageRun
from marketing_mart.release import Release, attached, current
from marketing_mart.settings import Settings

GATES = ("landed", "mart")
DONE = ("published", "unchanged")
REPORT = "report.html"


def tell_failure(config: Settings, run_id: str | None, stage: str, error: BaseException, page: str = "") -> None:
    """A stage failed for good; `page` has its log. A source's failure waits for the end of its run, since others may
    fail beside it."""
    source = stage.partition(" ")[2]
    alert = alerting.alert_for(
        error,
        stage=stage,
        run_id=run_id,
        day=date.fromisoformat(run_id.rpartition("-")[0]) if run_id else None,
        owner=config.config.alerts.owner_of(source),
        demo=config.demo,
        source=source,
        log_path=page,
    )
    if source and run_id:
        alerting.guarded(lambda: alerting.hold(alert, home=config.home), home=config.home)
    else:
        tell_run(config, run_id, alert)


def tell_run(config: Settings, run_id: str | None, failed: alerting.Alert | None = None) -> None:
    """Tell what is wrong in a run, `failed` with it, and what is over since it; nothing where nothing is new. A fault
    of telling stops no run: the next message says so."""
    alerting.guarded(lambda: _tell_run(config, run_id, failed), home=config.home)


def _tell_run(config: Settings, run_id: str | None, failed: alerting.Alert | None) -> None:
    found, is_over, head = [failed] if failed else [], _never, {}
    try:
        if run_id:
            look = _Look(config, run_id)
            found, is_over, head = look.found(failed), look.is_over, look.head(failed)
    except MartError as error:  # the registry is what is broken: what failed is told without it, and that it is
        owner = config.config.alerts.owner
        found.append(
            alerting.alert_for(error, stage="registry", run_id=run_id, day=None, owner=owner, demo=config.demo)
        )
    except Exception as error:  # ours: what failed is told all the same, and this beside it
        alerting.record_fault(error, config.home)
    alerting.report(found, is_over, config.config.alerts, home=config.home, demo=config.demo, **head)


def _never(_: alerting.Alert) -> bool:
    return False


class _Look:
    """One look at a run: its newest attempts, the checks of its gates, the release it published."""

    def __init__(self, config: Settings, run_id: str) -> None:
        registry = Registry(config.home)
        self.config = config
        self.run = registry.run(run_id)
        self.stages: dict[str, StageRun] = {stage.stage: stage for stage in registry.stages(run_id)}
        self.stale = registry.stale_sources(run_id)
        self.checks = {gate: registry.checks(run_id, gate) for gate in GATES if self._gate_ended(gate)}
        self.green = {identity_of(gate, c) for gate, checks in self.checks.items() for c in checks if c["ok"]}
        self.release = served = current(config.home)
        self.is_published = bool(self.run.outcome == "published" and served and served.run_id == run_id)
        self.kpis = _kpi_rows(served) if self.is_published else []

    def found(self, failed: alerting.Alert | None) -> list[alerting.Alert]:
        """Everything that is not as it should be."""
        told = {"day": self.run.day, "run_id": self.run.run_id, "demo": self.config.demo}
        rows = self.config.config.alerts.sample_rows
        found = [
            alert
            for gate, checks in self.checks.items()
            for alert in alerting.of_checks(gate, checks, folder=self._checks_folder(), rows=rows, **told)
        ]
        if failed and not self._is_told_by_checks(failed):
            found.append(failed)
        if self.is_published:
            page = str(self.release.path / REPORT)
            told |= {"day": self.release.day}
            found += kpis.of_kpis(self.kpis, currency=self.release.currency, page=page, **told)
        return found

    def head(self, failed: alerting.Alert | None) -> dict[str, str]:
        """What a red gate says of itself, and its page."""
        if not failed or not self._is_told_by_checks(failed):
            return {}
        gate = failed.identity.removeprefix("stage:check_")
        return {"headline": failed.title, "link": str(self._checks_folder() / "docs" / gate / "index.html")}

    def is_over(self, alert: alerting.Alert) -> bool:
        kind, _, name = alert.identity.partition(":")
        if kind == "check":
            return alert.identity in self.green
        if kind == "kpi":
            open_rules = {row["rule"] for row in self.kpis if row["severity"] != "green"}  # unknown is not over
            return self.is_published and name not in open_rules
        if kind == "config":
            return True  # it has been read
        if kind == "late":
            return bool(self.release and alert.day and self.release.day >= alert.day)
        if kind == "stale":
            return name not in self.stale and self._went_well(f"extract {name}") and self._went_well("check_landed")
        if kind != "stage":
            return False
        if name == "run":
            return self.run.outcome in DONE and all(stage.outcome in ("ok", "stale") for stage in self.stages.values())
        if name.startswith("check_") and name.removeprefix("check_") in self.checks:
            return True  # red or not, it could look
        return name in ("start", "registry") or self._went_well(name)

    def _went_well(self, stage: str) -> bool:
        return stage in self.stages and self.stages[stage].outcome == "ok"

    def _gate_ended(self, gate: str) -> bool:
        """Whether its newest attempt came to a result: what else is kept is of an earlier attempt."""
        stage = self.stages.get(f"check_{gate}")
        return bool(stage and stage.detail.get("checks"))

    def _is_told_by_checks(self, failed: alerting.Alert) -> bool:
        gate = failed.identity.removeprefix("stage:check_")
        return any(check["broken"] or (not check["ok"] and check["severity"] == "error")
                   for check in self.checks.get(gate, ()))  # fmt: skip

    def _checks_folder(self) -> Path:
        return self.config.home / "checks" / self.run.run_id


def _kpi_rows(release: Release) -> list[Mapping[str, Any]]:
    with attached(release.database) as connection:
        cursor = connection.execute(kpis.QUERY, [release.day])
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
