"""`make backfill`: a range of days through Airflow's own backfill, the newest day first, one run at a time."""

import subprocess
import sys
from collections.abc import Mapping
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from marketing_mart.errors import ConfigError, MartError
from marketing_mart.settings import EARLIEST_DAY, Settings


def days_of(first: str, last: str) -> tuple[date, date]:
    """The days named. ConfigError where they can't be meant."""
    try:
        begin, end = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise ConfigError(
            f"a backfill from {first or '(nothing)'} to {last or '(nothing)'} names no days",
            next_step="make backfill FROM=2025-06-01 TO=2025-06-30",
        ) from None
    if not EARLIEST_DAY <= begin <= end:
        raise ConfigError(
            f"a backfill from {begin} to {end}: not before {EARLIEST_DAY}, and the first day first",
            next_step="make backfill FROM=2025-06-01 TO=2025-06-30",
        )
    return begin, end


def command(zone: ZoneInfo, first: date, last: date, *, dry_run: bool = False) -> list[str]:
    """Airflow's own command. Days that a run has succeeded for are left alone, those that failed run again, so the same
    command goes on with a backfill that was stopped. More than one run at a time would take each other's place."""
    begin, end = (
        datetime.combine(day, at, tzinfo=zone).isoformat() for day, at in ((first, time.min), (last, time(23, 59, 59)))
    )
    return [
        "backfill", "create", "--dag-id", "marketing_mart", "--from-date", begin, "--to-date", end, "--run-backwards",
        "--max-active-runs", "1", "--reprocess-behavior", "failed", *(["--dry-run"] if dry_run else []),
    ]  # fmt: skip


def create(settings: Settings, environment: Mapping[str, str], first: date, last: date, *, dry_run: bool) -> str:
    """Let Airflow make the runs, which its scheduler then begins; returns what Airflow printed."""
    zone = ZoneInfo(settings.config.reporting.timezone)
    done = subprocess.run(
        [sys.executable, "-m", "airflow", *command(zone, first, last, dry_run=dry_run)],
        env=dict(environment), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        told = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise MartError(
            f"Airflow made no backfill from {first} to {last}: {told[-1].strip() if told else 'it said nothing'}",
            next_step="see that `make up` is running and that no other backfill is (the DAG's page shows both)",
        )
    return done.stdout
