"""What Meta's insights answer, computed from a View: one row per object of the level and time increment.

Every number is a string; `actions` count and `action_values` sum, per action type, under the key of each
attribution window asked for and under `value` for the account's default window (7-day click or 1-day view).
Objects without delivery have no row.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from simulator.nouns import Account, AdDay, View

LEVELS = ("account", "campaign", "adset", "ad")
_DEFAULT_WINDOWS = ("7d_click", "1d_view")
_WINDOWS = ("1d_click", "7d_click", "28d_click", "1d_view", "1d_ev", "default")
_LEVEL_OF = {"campaign_id": 1, "campaign_name": 1, "objective": 1, "adset_id": 2, "adset_name": 2, "ad_id": 3,
             "ad_name": 3}  # fmt: skip
FIELDS = ("account_id", "account_name", "account_currency", *_LEVEL_OF, "impressions", "clicks", "spend", "actions",
          "action_values", "date_start", "date_stop")  # fmt: skip
_PARAMS = {"level", "fields", "time_range", "time_increment", "action_attribution_windows", "limit", "after"}


class Refusal(Exception):
    """A request that the Graph API answers with its error object."""

    def __init__(self, status: int, code: int, message: str, *, subcode: int = 0, kind: str = "OAuthException") -> None:
        super().__init__(message)
        self.status, self.code, self.subcode, self.kind = status, code, subcode, kind


@dataclass(frozen=True)
class _Question:
    level: str
    fields: tuple[str, ...]
    first: date
    last: date
    step: int | None  # days of a row; None: the whole range is one
    windows: tuple[str, ...]


class Reports:
    """The insights of one View; the same question twice gives the same object, so pages share their rows."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.accounts = {account.account_id: account for account in view.accounts("meta_ads")}
        self._kept: dict[tuple[str, _Question], Report] = {}

    def report(self, account: Account, params: dict[str, str]) -> "Report":
        question = _question(params, self.view.moment.date())
        key = (account.account_id, question)
        if key not in self._kept:
            if len(self._kept) > 16:
                self._kept.clear()
            self._kept[key] = Report(self.view, account, question)
        return self._kept[key]


class Report:
    def __init__(self, view: View, account: Account, question: _Question) -> None:
        self.view, self.account, self.question = view, account, question
        self.first, self.last = question.first, question.last

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        step = self.question.step or (self.last - self.first).days + 1
        days = range(0, (self.last - self.first).days + 1, step)
        starts = [self.first + timedelta(days=offset) for offset in days]
        return [row for start in starts for row in self._span(start, min(start + timedelta(days=step - 1), self.last))]

    def _span(self, first: date, last: date) -> Iterator[dict[str, Any]]:
        depth = LEVELS.index(self.question.level)
        groups: dict[tuple, list[AdDay]] = {}
        for row in self.view.ad_days("meta_ads", first, last):
            if row.campaign.account.account_id != self.account.account_id:
                continue
            path = (row.campaign.campaign_id, row.ad_group and row.ad_group.ad_group_id, row.ad and row.ad.ad_id)
            groups.setdefault(path[:depth], []).append(row)
        for rows in groups.values():
            if any(row.impressions or row.clicks or row.cost for row in rows):
                flat = _flat(self.account, rows, self.question)
                asked = {name: flat[name] for name in self.question.fields if flat.get(name) is not None}
                yield {**asked, "date_start": first.isoformat(), "date_stop": last.isoformat()}


def _flat(account: Account, rows: list[AdDay], question: _Question) -> dict[str, Any]:
    """All fields of a row; those below its level are None, and so are `actions` where nothing happened."""
    newest = rows[-1]
    depth = LEVELS.index(question.level)
    campaign, group, ad = newest.campaign, newest.ad_group, newest.ad
    objective = "OUTCOME_LEADS" if "lead" in campaign.name.lower() else "OUTCOME_SALES"
    names = {"campaign_id": campaign.campaign_id, "campaign_name": newest.campaign_name, "objective": objective,
             "adset_id": group and group.ad_group_id, "adset_name": group and group.name,
             "ad_id": ad and ad.ad_id, "ad_name": ad and ad.name}  # fmt: skip
    flat: dict[str, Any] = {name: value for name, value in names.items() if _LEVEL_OF[name] <= depth}
    flat |= {"account_id": account.account_id.removeprefix("act_"), "account_name": account.name,
             "account_currency": account.currency}  # fmt: skip
    flat["impressions"] = str(sum(row.impressions for row in rows))
    flat["clicks"] = str(sum(row.clicks for row in rows))
    flat["spend"] = _text(sum((row.cost for row in rows), Decimal(0)))
    counts: dict[str, dict[str, Decimal]] = {}
    values: dict[str, dict[str, Decimal]] = {}
    for row in rows:
        for claim in row.claims:
            for number, sums in ((claim.conversions, counts), (claim.value, values)):
                windows = sums.setdefault(claim.action, {})
                windows[claim.window] = windows.get(claim.window, Decimal(0)) + number
    flat["actions"] = _stats(counts, question.windows)
    flat["action_values"] = _stats(values, question.windows)
    return flat


def _stats(sums: dict[str, dict[str, Decimal]], windows: tuple[str, ...]) -> list[dict[str, str]] | None:
    stats = []
    for action, by_window in sums.items():
        default = sum((by_window.get(window, Decimal(0)) for window in _DEFAULT_WINDOWS), Decimal(0))
        numbers = {"value": _text(default)} if default else {}
        numbers |= {window: _text(by_window[window]) for window in windows if by_window.get(window)}
        if numbers:
            stats.append({"action_type": action, **numbers})
    return stats or None


def _text(number: Decimal | int) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _question(params: dict[str, str], today: date) -> _Question:
    unknown = sorted(set(params) - _PARAMS)
    if unknown:
        raise Refusal(400, 100, f"(#100) The simulator does not know the parameter {unknown[0]}")
    level = params.get("level", "account")
    if level not in LEVELS:
        raise Refusal(400, 100, f"(#100) level must be one of the following values: {', '.join(LEVELS)}")
    fields = tuple(_listed(params.get("fields", "impressions,spend")))
    for name in fields:
        if name not in FIELDS:
            message = f"(#100) {name} is not valid for fields param. please check /docs/marketing-api/reference/ads-insights/ for all valid values"  # noqa: E501
            raise Refusal(400, 100, message)
    windows = tuple(_listed(params.get("action_attribution_windows", "")))
    for position, name in enumerate(windows):
        if name not in _WINDOWS:
            values = ", ".join(_WINDOWS)
            message = f"(#100) action_attribution_windows[{position}] must be one of the following values: {values}"
            raise Refusal(400, 100, message)
    first, last = _range(params.get("time_range", ""), today)
    increment = params.get("time_increment", "all_days")
    if increment != "all_days" and not (increment.isdigit() and 1 <= int(increment) <= 90):
        raise Refusal(400, 100, "(#100) time_increment must be all_days, or an integer between 1 and 90")
    step = None if increment == "all_days" else int(increment)
    return _Question(level, fields, first, last, step, windows)


def _listed(text: str) -> list[str]:
    """A list parameter is a JSON array or words between commas."""
    if text.startswith("["):
        try:
            return [str(item) for item in json.loads(text)]
        except ValueError:
            raise Refusal(400, 100, "(#100) Malformed list parameter") from None
    return [word.strip() for word in text.split(",") if word.strip()]


def _range(text: str, today: date) -> tuple[date, date]:
    if not text:
        return today - timedelta(days=30), today - timedelta(days=1)  # "default: last_30d"
    try:
        given = json.loads(text)
        first, last = date.fromisoformat(given["since"]), date.fromisoformat(given["until"])
    except (ValueError, KeyError, TypeError):
        message = "(#100) Must be a valid time range object like {'since':'YYYY-MM-DD','until':'YYYY-MM-DD'}"
        raise Refusal(400, 100, message) from None
    if first > last:
        raise Refusal(400, 100, "(#100) since date must be before until date in time_range", subcode=1487766)
    if first < today - timedelta(days=37 * 31):
        message = "(#3018) The start date of the time range cannot be beyond 37 months from the current date"
        raise Refusal(400, 3018, message)
    return first, last
