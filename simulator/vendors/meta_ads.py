"""Meta Marketing API: ad accounts, ads, insights with cursor paging, asynchronous report runs.

Pages followed: https://developers.facebook.com/docs/marketing-api/insights (and /best-practices, /async),
/docs/marketing-api/reference/ads-action-stats, /docs/graph-api/guides/error-handling,
/docs/graph-api/overview/rate-limiting. What insights hold is in `meta_ads_insights`, what ads are
in `meta_ads_creatives`.
"""

import base64
import binascii
import hashlib
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.nouns import Account, View
from simulator.vendors.meta_ads_creatives import ads as ads_of
from simulator.vendors.meta_ads_insights import Refusal, Report, Reports

ACCESS_TOKEN = "demo-access-token"
SYNC_ROWS = 100_000  # more than this in one synchronous call is "too much data"; Meta publishes no number
_VERSIONS = ("v24.0", "v25.0", "v26.0")
_STAGES = (("Job Not Started", 0), ("Job Running", 40), ("Job Completed", 100))  # one poll each
_RUNS_KEPT = 1_000
_PAGE_LIMIT = 5_000

Params = dict[str, str]
Handler = Callable[[Request, Params], Awaitable[Response]]


class Clock(Protocol):
    def view(self) -> View: ...


@dataclass
class _Run:
    """A report run keeps the moment at which it was asked for."""

    account: Account
    report: Report
    polls: int = 0


def routes(clock: Clock) -> list[Route]:
    reports: list[Reports] = []  # of the clock's present view
    runs: OrderedDict[str, _Run] = OrderedDict()

    def present() -> Reports:
        view = clock.view()
        if not reports or reports[0].view is not view:
            reports[:] = [Reports(view)]
        return reports[0]

    async def ad_accounts(request: Request, params: Params) -> Response:
        rows = [_account(account) for account in present().accounts.values()]
        return _paged(request, params, rows)

    async def ad_account(request: Request, params: Params) -> Response:
        return JSONResponse(_account(_known(present(), request)))

    async def ads(request: Request, params: Params) -> Response:
        account = _known(present(), request)
        wants_total = "total_count" in params.pop("summary", "")
        rows = ads_of(present().view, account, params)
        return _paged(request, params, rows, _usage(account), summary={"total_count": len(rows)} if wants_total else {})

    async def insights(request: Request, params: Params) -> Response:
        account = _known(present(), request)
        report = present().report(account, params)
        if request.method == "POST":
            run_id = _digits(f"{account.account_id} {present().view.moment} {sorted(params.items())} {len(runs)}")
            runs[run_id] = _Run(account, report)
            if len(runs) > _RUNS_KEPT:
                runs.popitem(last=False)
            return JSONResponse({"report_run_id": run_id}, headers=_usage(account))
        if len(report.rows) > SYNC_ROWS:
            message = "Please reduce the amount of data you're asking for, then retry your request"
            raise Refusal(500, 1, message, subcode=99, kind="OAuthException")
        return _paged(request, params, report.rows, _usage(account))

    async def report_run(request: Request, params: Params) -> Response:
        run_id, run = _run(runs, request)
        status, percent = _STAGES[min(run.polls, len(_STAGES) - 1)]
        run.polls += 1
        answer = {"id": run_id, "account_id": run.account.account_id.removeprefix("act_"), "async_status": status,
                  "async_percent_completion": percent, "date_start": run.report.first.isoformat(),
                  "date_stop": run.report.last.isoformat()}  # fmt: skip
        return JSONResponse(answer, headers=_usage(run.account))

    async def report_rows(request: Request, params: Params) -> Response:
        _, run = _run(runs, request)
        if run.polls < len(_STAGES):
            raise Refusal(400, 2601, "(#2601) Error accessing adreport job.", subcode=1815107)
        return _paged(request, params, run.report.rows, _usage(run.account))

    return [
        Route("/{version}/me/adaccounts", _guarded(ad_accounts), methods=["GET"]),
        Route("/{version}/act_{number:int}", _guarded(ad_account), methods=["GET"]),
        Route("/{version}/act_{number:int}/ads", _guarded(ads), methods=["GET"]),
        Route("/{version}/act_{number:int}/insights", _guarded(insights), methods=["GET", "POST"]),
        Route("/{version}/{run_id:int}", _guarded(report_run), methods=["GET"]),
        Route("/{version}/{run_id:int}/insights", _guarded(report_rows), methods=["GET"]),
    ]


def _guarded(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def guarded(request: Request) -> Response:
        try:
            params = await _params(request)
            _let_in(request, params)
            return await handler(request, params)
        except Refusal as refusal:
            error: dict[str, Any] = {"message": str(refusal), "type": refusal.kind, "code": refusal.code}
            if refusal.subcode:
                error["error_subcode"] = refusal.subcode
            error["fbtrace_id"] = "A" + _digits(str(refusal))[:10]
            return JSONResponse({"error": error}, status_code=refusal.status)

    return guarded


async def _params(request: Request) -> Params:
    """Query string and body (form or JSON) as one; a value that JSON gives as a structure stays JSON text."""
    params = dict(request.query_params)
    body = await request.body()
    if body and request.headers.get("content-type", "").startswith("application/json"):
        try:
            given = json.loads(body)
        except ValueError:
            raise Refusal(400, 100, "(#100) Invalid JSON for the request's body") from None
        params |= {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}
    elif body:
        params |= dict(parse_qsl(body.decode()))
    return params


def _let_in(request: Request, params: Params) -> None:
    if request.path_params["version"] not in _VERSIONS:
        message = "(#2635) You are calling a deprecated version of the Ads API. Please update to the latest version."
        raise Refusal(400, 2635, message)
    _, _, in_header = request.headers.get("authorization", "").partition(" ")
    token = params.pop("access_token", "") or in_header
    if not token:
        message = "An active access token must be used to query information about the current user."
        raise Refusal(400, 2500, message)
    if token != ACCESS_TOKEN:
        raise Refusal(400, 190, "Invalid OAuth access token - Cannot parse access token")


def _known(reports: Reports, request: Request) -> Account:
    name = f"act_{request.path_params['number']}"
    if name not in reports.accounts:
        message = (
            f"Unsupported get request. Object with ID '{name}' does not exist, cannot be loaded due to missing "
            "permissions, or does not support this operation."
        )
        raise Refusal(400, 100, message, subcode=33, kind="GraphMethodException")
    return reports.accounts[name]


def _run(runs: OrderedDict[str, _Run], request: Request) -> tuple[str, _Run]:
    run_id = str(request.path_params["run_id"])
    if run_id not in runs:
        message = f"Unsupported get request. Object with ID '{run_id}' does not exist"
        raise Refusal(400, 100, message, subcode=33, kind="GraphMethodException")
    return run_id, runs[run_id]


def _account(account: Account) -> dict[str, Any]:
    return {"id": account.account_id, "account_id": account.account_id.removeprefix("act_"), "name": account.name,
            "currency": account.currency, "timezone_name": account.timezone, "account_status": 1}  # fmt: skip


def _paged(
    request: Request,
    params: Params,
    rows: list[dict[str, Any]],
    headers: dict[str, str] | None = None,
    summary: dict[str, int] | None = None,
) -> Response:
    """`limit` rows after the cursor. `paging.next` is a whole URL with the access token in it, as at Meta."""
    limit = params.get("limit", "25")
    if not limit.isdigit() or int(limit) < 1:
        raise Refusal(400, 100, "(#100) Param limit must be an integer greater than zero")
    start = _position(params["after"]) if params.get("after") else 0
    found = rows[start : start + min(int(limit), _PAGE_LIMIT)]
    page: dict[str, Any] = {"data": found} | ({"summary": summary} if summary else {})
    if found:
        stop = start + len(found)
        page["paging"] = {"cursors": {"before": _cursor(start), "after": _cursor(stop)}}
        if stop < len(rows):
            query = urlencode({**params, "access_token": ACCESS_TOKEN, "after": _cursor(stop)})
            page["paging"]["next"] = f"{request.url.replace(query='')}?{query}"
    return JSONResponse(page, headers=headers)


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(str(position).encode()).decode()


def _position(cursor: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor))
    except (ValueError, binascii.Error):
        raise Refusal(400, 100, "(#100) Invalid cursors values") from None


def _digits(text: str) -> str:
    return str(int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")).zfill(15)[:15].replace("0", "6", 1)


def _usage(account: Account) -> dict[str, str]:
    """How much of its rate limit the account has used, in percent; minutes until it may come again."""
    use = {"type": "ads_insights", "call_count": 1, "total_cputime": 1, "total_time": 1,
           "estimated_time_to_regain_access": 0, "ads_api_access_tier": "standard_access"}  # fmt: skip
    return {"x-business-use-case-usage": json.dumps({account.account_id.removeprefix("act_"): [use]})}
