"""Alerts: what telling of a run takes in which both gates were green. Every stage, check and KPI of it is looked at."""

import json
import os
import tempfile
import time
from datetime import date
from pathlib import Path


def green_run(database: str, checks: str, day: str) -> float:
    """Seconds from a published run to its end, over the checks that the gates left in the folder `checks` and the mart
    in `database`. The imports are counted."""
    from marketing_mart import publishing, settings
    from marketing_mart.registry import Registry

    with tempfile.TemporaryDirectory(dir=Path(checks).parent) as folder:
        home, of_day = Path(folder), date.fromisoformat(day)
        config = settings.load(os.environ | {"MART_HOME": folder})
        registry = Registry(home)
        run_id = registry.begin_run(of_day, kpi_start=of_day, demo=True).run_id
        for gate in ("landed", "mart"):
            with registry.stage(run_id, f"check_{gate}") as detail:
                green = [
                    check for check in json.loads(Path(checks, f"{gate}.json").read_text())["checks"] if check["ok"]
                ]
                registry.record_checks(run_id, gate, green)
                detail["checks"] = len(green)
        candidate = home / "candidates" / run_id
        candidate.mkdir(parents=True)
        os.link(database, candidate / "mart.duckdb")
        publishing.publish(
            home, run_id, candidate, day=of_day, kpi_start=of_day, fingerprint="bench", demo=True, currency="USD",
            timezone="UTC", keep=1,
        )  # fmt: skip
        began = time.perf_counter()
        from marketing_mart.telling import tell_run

        tell_run(config, run_id)
        return round(time.perf_counter() - began, 2)
