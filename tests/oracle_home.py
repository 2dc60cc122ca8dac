"""The demo's world landed and modelled once, in this process: the stages of the daily run without Airflow."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from dag_runs import simulator
from oracle.reading import World, landed

from marketing_mart import pipeline, settings
from marketing_mart.landing import Landing

DAY = "2025-06-30"


@dataclass(frozen=True)
class Home:
    """What was landed, as the oracle reads it, and the candidate mart that dbt made of it."""

    world: World
    database: Path

    def table(self, name: str) -> list[dict]:
        with duckdb.connect() as connection:
            connection.execute("set timezone = 'UTC'")
            connection.execute(f"attach '{self.database}' as candidate (read_only)")
            answer = connection.execute(f'from candidate.mart."{name}"')
            columns = [column[0] for column in answer.description]
            return [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]


def built_home(folder: Path) -> Home:
    """Lands every source as of DAY from the simulator, accepts what landed, builds. What the landed gate says of such
    a landing is tested elsewhere; here it would cost as much as all the reading."""
    with pytest.MonkeyPatch.context() as patch, simulator(DAY) as url:
        for name, value in {"HOME": str(folder), "DATE": DAY, "SIMULATOR_URL": url}.items():
            patch.setenv(f"MART_{name}", value)
        run_id = pipeline.start(None, {})
        for source in settings.load().config.sources:
            assert pipeline.extract(run_id, source, None, None), source
        landing = Landing(folder)
        offered = landing.offer(run_id)
        landing.judge(offered, accepted=offered.days, rejected=(), run_id=run_id, judged_at=datetime.now(UTC))
        assert pipeline.build(run_id)
    candidate = folder / "candidates" / run_id
    told = json.loads((candidate / "build.json").read_text())
    return Home(World(landed(folder), told), candidate / "mart.duckdb")
