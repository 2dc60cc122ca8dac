"""The table that a run prints when it ends."""

import io
import sys
from pathlib import Path

from marketing_mart.release import Release, attached, current
from marketing_mart.report.display import heading, number
from marketing_mart.report.figures import DAILY, Figures

WIDTH = 500  # the table is as wide as its figures: a narrow terminal wraps a line, which is better than a cut figure


def text_table(home: Path, release: Release | None = None, days: int = 7, *, color: bool | None = None) -> str:
    """The KPIs of the last `days` days of a release (default: the current one), and their sum, with its ratios.

    In colour only on a terminal, unless `color` says otherwise.
    """
    from rich.console import Console
    from rich.table import Table

    release = release or current(home)
    if release is None:
        return "Nothing has been published yet: make run"
    with attached(release.database) as connection:
        figures = Figures(connection, release.day)
        stale = figures.stale()
    rows = figures.rows[-days:]
    demo = ", demo data" if release.demo else ""
    table = Table(title=f"The last {len(rows)} days to {release.day} ({release.timezone} days{demo})", min_width=80)
    table.add_column("date_day", no_wrap=True)
    for kpi in DAILY:
        table.add_column(heading(kpi, release.currency).replace(", ", "\n"), justify="right", no_wrap=True)
    decimals = {"money": 2}
    for row in rows:
        table.add_row(str(row["date_day"]), *(number(k.of(row), k.unit, decimals.get(k.unit)) for k in DAILY))
    if rows:
        sums = figures.sums(figures.whole(days))
        table.add_section()
        table.add_row("total", *(number(k.of(sums), k.unit, decimals.get(k.unit)) for k in DAILY), style="bold")
    color = sys.stdout.isatty() if color is None else color
    text = io.StringIO()
    Console(file=text, width=WIDTH, force_terminal=color, no_color=not color, highlight=False).print(table)
    lines = [line.rstrip() for line in text.getvalue().splitlines()]
    lines += [f"stale: {row['source']}, newest day {row['newest_day']}: {row['stale_reason']}" for row in stale]
    return "\n".join(lines)
