"""Meta Marketing API: insights by account and by ad, day by day, v26.0.

Rules, with the page each comes from (https://developers.facebook.com/docs/…):
- `time_increment=1` gives a row per object and day of the account's own zone; objects without delivery have no row
  (marketing-api/reference/ad-account/insights).
- Numbers are text; `actions` and `action_values` hold one object per action type with a key per attribution window,
  and `value` for the default window of the ad set (marketing-api/reference/ads-action-stats). Types contain each
  other (omni_purchase has purchase in it) and so do windows: nothing may add them up.
- Too much for one call is an error (code 1, or 100 with subcode 1487534): ask for fewer days
  (marketing-api/insights/best-practices). Long windows go through a report run (marketing-api/insights/async).
- `paging.next` is a URL with the access token in it: pages are asked for by `paging.cursors.after` instead.
- Limits are told with status 400 and codes 4, 17, 32, 613 and 800xx; how long they last stands in
  X-Business-Use-Case-Usage, in minutes (graph-api/overview/rate-limiting).
"""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from marketing_mart.connectors.client import Classify, Client, Reply, Verdict, bearer, client
from marketing_mart.errors import ConfigError, SourceMalformed, SourceRefused, SourceUnavailable
from marketing_mart.streams import (
    COUNT,
    DAY,
    EXTRA_COLUMN,
    MONEY,
    TEXT,
    Access,
    Page,
    SourceOptions,
    Stream,
    Window,
    columns,
)

VERSION = "v26.0"
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

STREAMS = (
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
    ),
)  # fmt: skip

_LEVELS = {"account_insights": "account", "ad_insights": "ad"}
_FIELDS = {"date_day": "date_start", "currency": "account_currency", "ad_group_id": "adset_id",
           "ad_group_name": "adset_name"}  # fmt: skip # where a column is not called what Meta calls it
_MAY_LACK = {"account_name", "objective"}


class _TooMuchData(SourceRefused):
    """Meta can't answer so many rows at once."""


def read(stream: Stream, window: Window, access: Access, options: SourceOptions, privacy: object) -> Iterator[Page]:
    """Account by account. account_id is Meta's number, without the `act_` of the address."""
    if window.first is None:
        raise ValueError(f"{stream.label} is read by days")
    for account in _accounts(stream, access, options):
        with _client(f"{stream.label} of account {account}", access) as meta:
            for first, last in _spans(window.first, window.last):
                yield from _read_days(meta, stream, account, first, last)


def _spans(first: date, last: date) -> Iterator[tuple[date, date]]:
    while first <= last:
        yield first, min(last, first + timedelta(days=ASYNC_DAYS - 1))
        first += timedelta(days=ASYNC_DAYS)


def _read_days(meta: Client, stream: Stream, account: str, first: date, last: date) -> Iterator[Page]:
    """Halves the days while Meta finds them too many. It says so before the first page, so no row comes twice."""
    given = 0
    try:
        for rows in _rows(meta, stream, account, first, last):
            given += 1
            yield Page(_table(stream, rows, meta.label))
    except _TooMuchData:
        if first == last or given:
            raise
    else:
        return
    middle = first + (last - first) // 2
    yield from _read_days(meta, stream, account, first, middle)
    yield from _read_days(meta, stream, account, middle + timedelta(days=1), last)


def _rows(meta: Client, stream: Stream, account: str, first: date, last: date) -> Iterator[list[dict[str, Any]]]:
    fields = [_FIELDS.get(name, name) for name in stream.schema.names if name not in ("date_day", EXTRA_COLUMN)]
    if "actions" in fields:
        fields.append("action_values")
    question = {
        "level": _LEVELS[stream.name],
        "fields": fields,
        "time_range": {"since": first.isoformat(), "until": last.isoformat()},
        "time_increment": "1",
        "action_attribution_windows": list(WINDOWS),
    }
    if (last - first).days < SYNC_DAYS:
        params = {name: value if isinstance(value, str) else json.dumps(value) for name, value in question.items()}
        yield from _pages(meta, f"{VERSION}/{account}/insights", params)
    else:
        yield from _pages(meta, f"{VERSION}/{_report_run(meta, account, question)}/insights", {})


def _pages(meta: Client, path: str, params: dict[str, str]) -> Iterator[list[dict[str, Any]]]:
    params = params | {"limit": str(PAGE_ROWS)}
    while True:
        answer = meta.get(path, params=params)
        try:
            rows, paging = answer["data"], answer.get("paging", {})
            has_more = "next" in paging
            after = paging["cursors"]["after"] if has_more else ""
            if not isinstance(rows, list) or (has_more and after == params.get("after")):
                raise TypeError
        except (KeyError, TypeError, AttributeError):
            raise SourceMalformed(f"{meta.label}: a page without data, or without the cursor of the next") from None
        if rows:
            yield rows
        if not has_more:
            return
        params["after"] = after


def _report_run(meta: Client, account: str, question: dict[str, Any]) -> str:
    """Asks for a report run and waits for it."""
    answer = meta.post(f"{VERSION}/{account}/insights", json=question)
    run = str(answer.get("report_run_id", "")) if isinstance(answer, dict) else ""
    if not run.isdigit():
        raise SourceMalformed(f"{meta.label}: asking for a report run gave no report_run_id")
    end, pause = meta.clock() + RUN_PATIENCE, 0.2
    while True:
        status = meta.get(f"{VERSION}/{run}", params={"fields": "async_status,async_percent_completion"})
        state = status.get("async_status") if isinstance(status, dict) else None
        if state == "Job Completed":
            return run
        if state in ("Job Failed", "Job Skipped"):  # mostly for its size, so fewer days may do
            raise _TooMuchData(
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


# Who may be read ------------------------------------------------------------------------------------------------------


def _client(label: str, access: Access) -> Client:
    if not access.secret:
        raise ConfigError(
            "meta_ads: the connection has no access token",
            next_step="edit the connection mart_meta_ads: password = a system user's token with ads_read",
        )
    reader = _reader_of_errors(label, access.secret)
    return client(access.base_url, label=label, auth=bearer(access.secret), classify=reader)


def _accounts(stream: Stream, access: Access, options: SourceOptions) -> list[str]:
    """act_ ids: those of config, or all ad accounts that the token reaches."""
    if options.accounts:
        return [_act(account) for account in options.accounts]
    with _client(f"{stream.label}, list of accounts", access) as meta:
        pages = _pages(meta, f"{VERSION}/me/adaccounts", {"fields": "account_id,name"})
        try:
            found = sorted(_act(str(row["account_id"])) for rows in pages for row in rows)
        except (KeyError, TypeError):
            raise SourceMalformed(f"{meta.label}: not all ad accounts have an account_id") from None
    if not found:
        raise SourceRefused(
            f"{stream.label}: the token reaches no ad account",
            next_step="give the system user access, or name accounts under sources: meta_ads: in config/mart.yml",
        )
    return found


def _act(account: str) -> str:
    number = account.removeprefix("act_")
    if not re.fullmatch(r"\d+", number):
        raise ConfigError(
            f"meta_ads: {account!r} is no ad account",
            next_step="accounts are numbers, with or without act_: sources: meta_ads: accounts: in config/mart.yml",
        )
    return f"act_{number}"


# From JSON rows to columns --------------------------------------------------------------------------------------------


def _table(stream: Stream, rows: list[dict[str, Any]], label: str) -> pa.Table:
    arrays = []
    for field in stream.schema:
        name = _FIELDS.get(field.name, field.name)
        try:
            if field.name == EXTRA_COLUMN:
                arrays.append(pa.nulls(len(rows), field.type))
            elif field.name == "actions":
                arrays.append(_actions(rows))
            elif field.name in _MAY_LACK:
                arrays.append(pa.array([row.get(name) for row in rows], TEXT))
            else:
                arrays.append(_cast([row[name] for row in rows], field.type))
        except KeyError:
            lacking = sum(name not in row for row in rows)
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


# What Meta says when it does not answer -------------------------------------------------------------------------------

_THROTTLED = {4, 17, 32, 613, *range(80000, 80015)}
_PASSING = {1, 2, 2601}  # 2601: a report run that is done, but not yet where it is asked for
_NO_ACCESS = {3, 10, 102, 104, 190, 2500, *range(200, 300)}


def _reader_of_errors(label: str, token: str) -> Classify:
    """A `classify` for the client (graph-api/guides/error-handling). The token is taken out of Meta's words, which
    quote it for some errors."""

    def classify(reply: Reply) -> Verdict:
        if reply.status_code < 400:
            return None
        try:
            error = reply.json()["error"]
            code, subcode, message = int(error["code"]), error.get("error_subcode"), str(error.get("message", ""))
        except (ValueError, KeyError, TypeError):
            return None  # not Meta's error object: the client reads the status alone
        told = f"{label}: code {code}: {message.replace(token, '…')[:300]} (fbtrace_id {error.get('fbtrace_id')})"
        if code in _THROTTLED:
            return _wait(reply) or "retry"
        if "reduce the amount of data" in message or (code, subcode) == (100, 1487534):
            raise _TooMuchData(told, next_step="ask for fewer days: make run with a shorter MART_START..MART_DATE")
        if code in _PASSING or error.get("is_transient"):
            return "retry"
        if code in _NO_ACCESS:
            raise SourceRefused(
                told,
                next_step="put a token with ads_read for this account into the connection mart_meta_ads",
            )
        raise SourceRefused(
            told, next_step="check sources: meta_ads: accounts: in config/mart.yml and the connection mart_meta_ads"
        )

    return classify


def _wait(reply: Reply) -> float | None:
    """Seconds until the account may come again, where Meta says so."""
    try:
        usage = json.loads(reply.headers.get("x-business-use-case-usage", "{}"))
        minutes = [use.get("estimated_time_to_regain_access", 0) for uses in usage.values() for use in uses]
        return 60.0 * max(minutes, default=0) or None
    except (ValueError, TypeError, AttributeError):
        return None
