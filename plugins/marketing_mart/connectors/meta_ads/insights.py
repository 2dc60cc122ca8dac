"""Insights: reports by account and by ad, day by day, read at once or by a report run."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from marketing_mart.connectors.client import Client
from marketing_mart.connectors.extra import extra_column
from marketing_mart.connectors.meta_ads.access import VERSION, pages
from marketing_mart.connectors.meta_ads.failures import TooMuchData
from marketing_mart.errors import SourceMalformed, SourceUnavailable
from marketing_mart.privacy import Privacy
from marketing_mart.streams import COUNT, DAY, EXTRA_COLUMN, MONEY, TEXT, Claims, Page, Stream, Window, columns

PAGE_ROWS = 1_000
SYNC_DAYS = 30  # longer windows are read by report runs
ASYNC_DAYS = 92
RUN_PATIENCE = 1_800.0  # seconds that a report run may take
WINDOWS = ("1d_click", "7d_click", "1d_view")
DEFAULT_WINDOW = "default"  # what `value` lands as: the attribution setting of each ad set

_ACTIONS = pa.list_(
    pa.struct([("action_type", TEXT), ("attribution_window", TEXT), ("conversions", MONEY), ("value", MONEY)])
)
_ACCOUNT = {"date_day": DAY, "account_id": TEXT, "account_name": TEXT, "currency": TEXT}
_METRICS = {"impressions": COUNT, "clicks": COUNT, "spend": MONEY}
_TOTALS = ("impressions", "clicks", "spend")

REPORTS = (
    Stream(
        "meta_ads", "account_insights", "report",
        columns(**_ACCOUNT, **_METRICS),
        key=("date_day", "account_id"), day="date_day", totals=_TOTALS,
    ),
    Stream(
        "meta_ads", "ad_insights", "report",
        columns(
            **_ACCOUNT,
            campaign_id=TEXT, campaign_name=TEXT, objective=TEXT,
            ad_group_id=TEXT, ad_group_name=TEXT, ad_id=TEXT, ad_name=TEXT,
            **_METRICS, actions=_ACTIONS,
        ),
        key=("date_day", "account_id", "campaign_id", "ad_group_id", "ad_id"), day="date_day", totals=_TOTALS,
        claims=Claims(kind="action_type", window="attribution_window", value="value", within="actions"),
    ),
)  # fmt: skip

_LEVELS = {"account_insights": "account", "ad_insights": "ad"}
_FIELDS = {"date_day": "date_start", "currency": "account_currency", "ad_group_id": "adset_id",
           "ad_group_name": "adset_name"}  # fmt: skip # where a column is not called what Meta calls it
_MAY_LACK = {"account_name", "objective"}


def read_insights(meta: Client, stream: Stream, account: str, window: Window, privacy: Privacy) -> Iterator[Page]:
    if window.first is None:
        raise ValueError(f"{stream.label} is read by days")
    for first, last in _spans(window.first, window.last):
        yield from _read_days(meta, stream, account, first, last, privacy)


def _spans(first: date, last: date) -> Iterator[tuple[date, date]]:
    while first <= last:
        yield first, min(last, first + timedelta(days=ASYNC_DAYS - 1))
        first += timedelta(days=ASYNC_DAYS)


def _read_days(meta: Client, stream: Stream, account: str, first: date, last: date, privacy: Privacy) -> Iterator[Page]:
    """Halves the days while Meta finds them too many. It says so before the first page, so no row comes twice."""
    given = 0
    try:
        for rows in _rows(meta, stream, account, first, last):
            given += 1
            yield Page(_table(stream, rows, meta.label, privacy))
    except TooMuchData:
        if first == last or given:
            raise
    else:
        return
    middle = first + (last - first) // 2
    yield from _read_days(meta, stream, account, first, middle, privacy)
    yield from _read_days(meta, stream, account, middle + timedelta(days=1), last, privacy)


def _rows(meta: Client, stream: Stream, account: str, first: date, last: date) -> Iterator[list[dict[str, Any]]]:
    question = {
        "level": _LEVELS[stream.name],
        "fields": _asked(stream),
        "time_range": {"since": first.isoformat(), "until": last.isoformat()},
        "time_increment": "1",
        "action_attribution_windows": list(WINDOWS),
    }
    if (last - first).days < SYNC_DAYS:
        params = {name: value if isinstance(value, str) else json.dumps(value) for name, value in question.items()}
        yield from pages(meta, f"{VERSION}/{account}/insights", params, PAGE_ROWS)
    else:
        yield from pages(meta, f"{VERSION}/{_report_run(meta, account, question)}/insights", {}, PAGE_ROWS)


def _asked(stream: Stream) -> list[str]:
    fields = [_FIELDS.get(name, name) for name in stream.schema.names if name not in ("date_day", EXTRA_COLUMN)]
    return [*fields, "action_values"] if "actions" in fields else fields


def _report_run(meta: Client, account: str, question: dict[str, Any]) -> str:
    """Asks for a report run and waits for it."""
    answer = meta.post(f"{VERSION}/{account}/insights", json=question)
    run = str(answer.get("report_run_id", "")) if isinstance(answer, dict) else ""
    if not (run.isascii() and run.isdigit()):
        raise SourceMalformed(f"{meta.label}: asking for a report run gave no report_run_id")
    end, pause = meta.clock() + RUN_PATIENCE, 0.2
    while True:
        status = meta.get(f"{VERSION}/{run}", params={"fields": "async_status,async_percent_completion"})
        state = status.get("async_status") if isinstance(status, dict) else None
        if state == "Job Completed":
            return run
        if state in ("Job Failed", "Job Skipped"):  # mostly for its size, so fewer days may do
            raise TooMuchData(
                f"{meta.label}: report run {run} ended as {state!r}", next_step="run this source again later"
            )
        if not isinstance(state, str):
            raise SourceMalformed(f"{meta.label}: report run {run} has no async_status")
        if meta.clock() + pause > end:
            percent = status.get("async_percent_completion")
            raise SourceUnavailable(
                f"{meta.label}: report run {run} is at {percent} % ({state}) after {RUN_PATIENCE:.0f} s",
                next_step="run this source again later",
            )
        meta.sleep(pause)
        pause = min(pause * 2, 30.0)


def _table(stream: Stream, rows: list[dict[str, Any]], label: str, privacy: Privacy) -> pa.Table:
    arrays = []
    for field in stream.schema:
        name = _FIELDS.get(field.name, field.name)
        try:
            if field.name == EXTRA_COLUMN:
                expected = {*_asked(stream), "date_start", "date_stop"}
                arrays.append(extra_column(len(rows), [("", rows, expected)], privacy))
            elif field.name == "actions":
                arrays.append(_actions(rows))
            elif field.name in _MAY_LACK:
                arrays.append(pa.array([row.get(name) for row in rows], TEXT))
            else:
                arrays.append(_cast([row[name] for row in rows], field.type))
        except KeyError:
            lacking = sum(isinstance(row, dict) and name not in row for row in rows)
            raise SourceMalformed(f"{label}: {lacking} of {len(rows)} rows lack {name}") from None
        except (pa.ArrowInvalid, pa.ArrowTypeError, ArithmeticError, AttributeError, TypeError) as error:
            raise SourceMalformed(f"{label}: not all values of {name} can be read: {str(error)[:120]}") from None
    return pa.Table.from_arrays(arrays, schema=stream.schema)


def _cast(values: list[str | None], kind: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, TEXT).cast(kind)
    except pa.ArrowInvalid:
        if kind != MONEY:
            raise
        kept = Decimal("0.000001")  # modelled conversions may have more digits than the six that land
        return pa.array([None if value is None else Decimal(value).quantize(kept) for value in values], MONEY)


def _actions(rows: list[dict[str, Any]]) -> pa.Array:
    """One struct per action type and window that has a count or a value; a row without actions has an empty list."""
    types: list[str] = []
    windows: list[str] = []
    counts: list[str | None] = []
    values: list[str | None] = []
    offsets = [0]
    keys = [*((window, window) for window in WINDOWS), ("value", DEFAULT_WINDOW)]
    nothing: dict[str, str] = {}
    for row in rows:
        worth = {stat["action_type"]: stat for stat in row.get("action_values", ())}
        counted = {stat["action_type"]: stat for stat in row.get("actions", ())}
        for kind in counted | worth:
            count, value = counted.get(kind, nothing), worth.get(kind, nothing)
            for key, window in keys:
                if key in count or key in value:
                    types.append(kind)
                    windows.append(window)
                    counts.append(count.get(key))
                    values.append(value.get(key))
        offsets.append(len(types))
    stats = [pa.array(types, TEXT), pa.array(windows, TEXT), _cast(counts, MONEY), _cast(values, MONEY)]
    structs = pa.StructArray.from_arrays(stats, fields=list(_ACTIONS.value_type))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), structs, type=_ACTIONS)
