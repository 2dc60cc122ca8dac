"""Retention by policy (`retention` of the configuration): what goes, and that it goes only between runs."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from marketing_mart.connectors import streams
from marketing_mart.errors import PublishError
from marketing_mart.landing import Landing, Retained
from marketing_mart.place import place_lock
from marketing_mart.registry import Registry
from marketing_mart.settings import Settings

FILES_OF_RUNS = ("logs", "checks", "airflow/logs")


@dataclass(frozen=True)
class Done:
    """What went of each stream (those of which nothing did are left out), and how many files of runs."""

    landing: dict[str, Retained]
    files_of_runs: int


def retain(config: Settings, now: datetime | None = None) -> Done:
    """PublishError while a run is under way: what it builds or checks may stand on a file that would go."""
    now = now or datetime.now(UTC)
    policy, registry, landing = config.config.retention, Registry(config.home), Landing(config.home)
    with place_lock(config.home):
        newest = next(iter(registry.history(1)), None)
        if registry.under_way() or (newest and newest.outcome == "running"):
            raise PublishError(
                f"run {newest.run_id if newest else ''} is under way: nothing was removed",
                next_step="wait until it has ended (make history), then make retain",
            )
        before = now - timedelta(days=policy.landing_days)
        done = {stream.label: landing.retain(stream, loaded_before=before, at=now) for stream in streams()}
        landing.sweep()
        files = _remove_older(config.home, now - timedelta(days=policy.logs_days))
    return Done({label: retained for label, retained in done.items() if retained != Retained()}, files)


def _remove_older(home: Path, before: datetime) -> int:
    """Files of runs by when they were last written; and the folders that are left empty."""
    removed = 0
    for name in FILES_OF_RUNS:
        for folder, _, files in os.walk(home / name, topdown=False):
            for file in files:
                path = Path(folder, file)
                if path.lstat().st_mtime < before.timestamp():
                    path.unlink()
                    removed += 1
            if Path(folder) != home / name and not any(Path(folder).iterdir()):
                Path(folder).rmdir()
    return removed
