"""The page of a release: one HTML file that carries its style, its charts and their script, and reaches nothing.

Names come from vendors and are not to be trusted: Jinja escapes them in the text, `tojson` escapes them inside the
charts' data, and the page's content policy runs no script but the two that are hashed in it.
"""

import base64
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from marketing_mart.errors import PublishError
from marketing_mart.release import Release, attached
from marketing_mart.report import charts
from marketing_mart.report.display import NOTHING, change, heading, number, rough, verdict
from marketing_mart.report.figures import (
    COMPARED,
    DAILY,
    KEY_FIGURES,
    ROAS,
    ROLLING,
    TILES,
    YEAR,
    Figures,
    Kpi,
    Period,
    growth,
)

FILE = "report.html"
FOLDER = Path(__file__).parent
# What the key figures of so many days are compared with, and how many days earlier that lies.
COMPARISONS = {
    1: {"day before": 1, "week before": 7, "year before": YEAR},
    7: {"week before": 7, "year before": YEAR},
    30: {"30 days before": 30, "year before": YEAR},
}
GATES = {"landed": "What was landed", "mart": "The mart"}


@dataclass(frozen=True)
class Change:
    """A growth rate as the page shows it. `against`: the days it compares with, and their value."""

    label: str
    text: str
    verdict: str
    against: str


@dataclass(frozen=True)
class Gate:
    title: str
    checks: Sequence[dict[str, Any]]
    docs: str  # a link into the release's folder, '' where there is nothing to read

    @property
    def ok(self) -> int:
        return sum(check["ok"] for check in self.checks)


def render(home: Path, release: Release) -> Path:
    """Write the release's page, whole or not at all, and return its path."""
    with attached(release.database) as connection:
        text = _html(Figures(connection, release.day), release)
    path = release.path / FILE
    draft = path.with_name(FILE + ".tmp")
    try:
        with draft.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as error:
        raise PublishError(f"{path} can't be written: {error.strerror}", next_step="check MART_HOME") from error
    return path


def _html(figures: Figures, release: Release) -> str:
    month = figures.whole(30)
    channel_rows = figures.channels(month) if figures.rows else []
    specs = {}
    if figures.rows:
        specs["trend"] = charts.trend(figures, release.currency)
    if channel_rows:
        specs["channels"] = charts.channels(channel_rows, release.currency, month.days)
    if len(figures.rows) > charts.MEAN_DAYS:
        specs |= {kpi.name: charts.rolling(figures, kpi, release.currency) for kpi in ROLLING}
    glue = _read("page.js")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        loader=jinja2.FileSystemLoader(FOLDER),
    )  # fmt: skip
    environment.filters |= {
        "rough": rough,
        "number": number,
        "kpi_heading": lambda kpi: heading(kpi, release.currency),
        "day": _day,
    }
    return environment.get_template("page.html.j2").render(
        release=release,
        figures=figures,
        specs=specs,
        tiles=[_tile(figures, kpi) for kpi in TILES] if figures.rows else [],
        periods=[(figures.whole(days), COMPARISONS[days]) for days in COMPARISONS],
        key_figures=[(kpi, [_cell(figures, kpi, days) for days in COMPARISONS]) for kpi in KEY_FIGURES],
        month=month,
        month_sums=figures.sums(month),
        week_sums=figures.sums(figures.whole(7)),
        week=figures.whole(7),
        channels=channel_rows,
        campaigns=figures.campaigns(month) if figures.rows else [],
        alerts=figures.alerts(),
        freshness=figures.freshness(),
        stale=figures.stale(),
        gates=[_gate(release, name) for name in GATES],
        daily=DAILY,
        compared=COMPARED,
        meanings=[kpi for kpi in (*KEY_FIGURES, ROAS) if kpi.meaning],
        rolling={kpi.name: kpi for kpi in ROLLING},
        style=Markup(_read("page.css")),
        library=Markup(charts.javascript()),
        glue=Markup(glue),
        script_hashes=[_hash(charts.javascript()), _hash(glue)],
    )


def _tile(figures: Figures, kpi: Kpi) -> tuple[Kpi, str, Change]:
    """A key figure of the last week beside the week before."""
    value, changes = _cell(figures, kpi, 7)
    return kpi, value, changes[0]


def _cell(figures: Figures, kpi: Kpi, days: int) -> tuple[str, list[Change]]:
    """A key figure of the last `days` days and its changes; a period that is not whole is compared with nothing."""
    period = figures.whole(days)
    value = kpi.of(figures.sums(period)) if period.days else None
    changes = []
    for label, back in COMPARISONS[days].items():
        earlier = period.back(back)
        before = kpi.of(figures.sums(earlier)) if period.days == days else None
        rate = growth(value, before)
        against = f"{_span(earlier)}: {'unknown' if before is None else number(before, kpi.unit)}"
        changes.append(Change(label, change(rate), verdict(kpi, rate), against))
    return number(value, kpi.unit), changes


def _gate(release: Release, name: str) -> Gate:
    """The gate's results as they were kept in the release; what is not green comes first."""
    path = release.path / "checks" / f"{name}.json"
    checks = json.loads(path.read_text(encoding="utf-8"))["checks"] if path.exists() else []
    docs = Path("checks") / "docs" / name / "index.html"
    return Gate(
        title=GATES[name],
        checks=sorted(checks, key=lambda check: check["ok"]),
        docs=docs.as_posix() if (release.path / docs).exists() else "",
    )


def _span(period: Period) -> str:
    return _day(period.last) if period.days == 1 else f"{_day(period.first)} to {_day(period.last)}"


def _day(day: date | None) -> str:
    return f"{day:%b} {day.day}, {day.year}" if day else NOTHING


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _hash(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
