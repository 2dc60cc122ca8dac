"""The checks of a gate that are not green, each as an alert with rows that broke it."""

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from marketing_mart.alerting.alert import Alert, one_line
from marketing_mart.redaction import redact

ACCOUNTS_TOLD = 3
ROW_LENGTH = 200
ACCOUNT_COLUMNS = ("account_id", "account_name", "account")


def of_checks(
    gate: str, checks: Iterable[Mapping[str, Any]], *, day: date, run_id: str, folder: Path, demo: bool, rows: int
) -> list[Alert]:
    """`checks` as the gate recorded them (quality.CheckResult); `folder` has its pages; `rows` is how many to show."""
    return [_alert(gate, check, day, run_id, folder, demo, rows) for check in checks if not check["ok"]]


def identity_of(gate: str, check: Mapping[str, Any]) -> str:
    return f"check:{gate}:{check['table']}:{check['name']}:{check['source']}"


def _alert(gate: str, check: Mapping[str, Any], day: date, run_id: str, folder: Path, demo: bool, shown: int) -> Alert:
    columns, rows = _sample(check["sample_path"])
    accounts = _accounts(columns, rows)
    # the sample holds the first rows only: that an account is not among them says nothing then
    are_all = check["failed_rows"] is not None and check["failed_rows"] <= len(rows)
    page = folder / "docs" / gate / f"{check['table']}.html"
    return Alert(
        severity="error" if check["broken"] or check["severity"] == "error" else "warning",
        title=one_line(f"{check['table']} {check['name']}{' raised' if check['broken'] else ''}"),
        source=check["source"],
        account=_some(accounts),
        day=day,
        run_id=run_id,
        expected=check["expected"],
        actual=check["observed"],
        detail=check["why"],
        owner=check["owner"],
        next_step=check["next_step"],
        samples=tuple(_row(columns, row) for row in rows[:shown]),
        sample_path=check["sample_path"],
        link=str(page) if page.exists() else "",
        demo=demo,
        identity=identity_of(gate, check),
        variants=tuple(accounts) if are_all else (),
        failed_rows=check["failed_rows"],
    )


def _sample(path: str) -> tuple[list[str], list[list[str]]]:
    """Columns and rows of the sample; none where the gate left none, or where it is gone."""
    if not path or not Path(path).exists():
        return [], []
    with Path(path).open(encoding="utf-8", newline="") as stream:
        columns, *rows = list(csv.reader(stream)) or [[]]
    return columns, rows


def _row(columns: list[str], row: list[str]) -> str:
    told = ", ".join(f"{name}={value}" for name, value in zip(columns, row, strict=False) if value)
    return redact(" ".join(told.split()))[:ROW_LENGTH]


def _accounts(columns: list[str], rows: list[list[str]]) -> list[str]:
    place = next((columns.index(name) for name in ACCOUNT_COLUMNS if name in columns), None)
    return sorted({row[place] for row in rows if len(row) == len(columns) and row[place]}) if place is not None else []


def _some(names: list[str]) -> str:
    more = f" and {len(names) - ACCOUNTS_TOLD} more" if len(names) > ACCOUNTS_TOLD else ""
    return ", ".join(names[:ACCOUNTS_TOLD]) + more
