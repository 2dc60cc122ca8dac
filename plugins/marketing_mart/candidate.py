"""The mart that a run builds in private: its folder, what its models are told, and what tells two builds apart."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from marketing_mart.connectors import streams
from marketing_mart.landing import Landing
from marketing_mart.model_variables import variables
from marketing_mart.registry import Run
from marketing_mart.release import Release
from marketing_mart.settings import Settings


def candidate_folder(config: Settings, run_id: str) -> Path:
    return config.home / "candidates" / run_id


def told_to_models(config: Settings, run: Run, current: Release | None, stale: Mapping[str, str]) -> dict[str, object]:
    """What the models are told. A run of an older day adds to the mart; it never takes newer days away."""
    landing = Landing(config.home)
    landed = {f"{load.source}/{load.stream}" for load in landing.loads() if load.rows and load.counts}
    told: dict[str, date] = {}
    for read in landing.reads():
        if read.verdict == "accepted":
            label = f"{read.source}/{read.stream}"
            told[label] = max(read.day, told.get(label, read.day))
    day = max(run.day, current.day) if current else run.day
    return variables(config.config, mart_date=day, kpi_start=run.kpi_start, landed=landed, stale=stale, told_until=told)


def models_of(told: Mapping[str, object]) -> str:
    """The same for two builds by the same models and settings, whatever the days and whatever landed."""
    from marketing_mart import warehouse

    settings = {name: value for name, value in told.items() if name not in warehouse.OF_THE_DAY}
    return hashlib.sha256(repr((warehouse.models_fingerprint(), json.dumps(settings))).encode()).hexdigest()


def fingerprint_of(config: Settings, told: Mapping[str, object]) -> str:
    """The same for two builds that would come out the same: of what landed, the models and what they are told."""
    from marketing_mart import warehouse

    parts = (
        Landing(config.home).fingerprint(streams()), warehouse.models_fingerprint(), json.dumps(told), config.demo
    )  # fmt: skip
    return hashlib.sha256(repr(parts).encode()).hexdigest()
