"""Google Ads: reports by GAQL over the REST interface, v26.

Rules, with the page each comes from (https://developers.google.com/google-ads/api/…):
- `search` answers pages of at most 10,000 rows (docs/reporting/paging): memory stays bounded however large an account
  is, which one long `searchStream` answer would not. `returnTotalResultsCount` tells how many rows the read has.
- "Zero metrics are always excluded when segmenting a report" (docs/reporting/zero-metrics): a day, campaign or ad
  without activity has no row, so no row means zero.
- int64 comes as text, money in millionths of the account's currency (rest/design/json-mappings).
- Attributes (names, status, channel type) are those of today in every row, also in rows of old days.
- Performance Max has no ads: what it costs is in the campaign's rows and in no ad's.
- conversions can't be selected beside cost: a query segmented by conversion action has conversion metrics only
  (docs/conversions/reporting).
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa

from marketing_mart.connectors.client import Classify, Client, Reply, TokenExchange, Verdict, client
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

VERSION = "v26"
_TOKEN_URL = "https://oauth2.googleapis.com/token"

_ACCOUNT = {"date_day": DAY, "account_id": TEXT, "account_name": TEXT, "currency": TEXT, "timezone": TEXT}
_CAMPAIGN = {
    "campaign_id": TEXT,
    "campaign_name": TEXT,
    "campaign_status": TEXT,
    "advertising_channel_type": TEXT,
}
_METRICS = {"impressions": COUNT, "clicks": COUNT, "cost_micros": COUNT}
_TOTALS = ("impressions", "clicks", "cost_micros")

STREAMS = (
    Stream(
        "google_ads", "account_performance", "report",
        columns(**_ACCOUNT, **_METRICS),
        key=("date_day", "account_id"), day="date_day", totals=_TOTALS,
    ),
    Stream(
        "google_ads", "campaign_performance", "report",
        columns(**_ACCOUNT, **_CAMPAIGN, **_METRICS),
        key=("date_day", "account_id", "campaign_id"), day="date_day", totals=_TOTALS,
    ),
    Stream(
        "google_ads", "ad_performance", "report",
        columns(
            **_ACCOUNT, **_CAMPAIGN,
            ad_group_id=TEXT, ad_group_name=TEXT, ad_id=TEXT, ad_name=TEXT,
            **_METRICS,
        ),
        key=("date_day", "account_id", "campaign_id", "ad_group_id", "ad_id"), day="date_day", totals=_TOTALS,
    ),
    Stream(
        "google_ads", "conversions", "report",
        columns(
            **_ACCOUNT, campaign_id=TEXT, campaign_name=TEXT,
            conversion_action=TEXT, conversion_action_name=TEXT, conversion_action_category=TEXT,
            conversions=MONEY, conversions_value=MONEY, all_conversions=MONEY, all_conversions_value=MONEY,
        ),
        key=("date_day", "account_id", "campaign_id", "conversion_action"), day="date_day",
        totals=("conversions", "conversions_value"),
    ),
)  # fmt: skip

_RESOURCES = {
    "account_performance": "customer",
    "campaign_performance": "campaign",
    "ad_performance": "ad_group_ad",
    "conversions": "campaign",
}
_FIELDS = {
    "date_day": "segments.date",
    "account_id": "customer.id",
    "account_name": "customer.descriptive_name",
    "currency": "customer.currency_code",
    "timezone": "customer.time_zone",
    "campaign_id": "campaign.id",
    "campaign_name": "campaign.name",
    "campaign_status": "campaign.status",
    "advertising_channel_type": "campaign.advertising_channel_type",
    "ad_group_id": "ad_group.id",
    "ad_group_name": "ad_group.name",
    "ad_id": "ad_group_ad.ad.id",
    "ad_name": "ad_group_ad.ad.name",
    "conversion_action": "segments.conversion_action",
    "conversion_action_name": "segments.conversion_action_name",
    "conversion_action_category": "segments.conversion_action_category",
    "impressions": "metrics.impressions",
    "clicks": "metrics.clicks",
    "cost_micros": "metrics.cost_micros",
    "conversions": "metrics.conversions",
    "conversions_value": "metrics.conversions_value",
    "all_conversions": "metrics.all_conversions",
    "all_conversions_value": "metrics.all_conversions_value",
}
_MAY_LACK = {"account_name", "ad_name"}  # an account needs no name, and ads of most types have none


def read(stream: Stream, window: Window, access: Access, options: SourceOptions, privacy: object) -> Iterator[Page]:
    """Account by account, days in order. The last page states how many rows Google counted over all accounts."""
    if window.first is None:
        raise ValueError(f"{stream.label} is read by days")
    auth = _auth(access)
    accounts = _accounts(stream, access, options, auth)
    stated = 0
    for position, (account, login) in enumerate(accounts):
        with _client(f"{stream.label} of account {account}", access, auth, login) as google:
            for answer in _pages(google, account, _query(stream, window)):
                table = _table(stream, answer.get("results", []), google.label)
                is_last = "nextPageToken" not in answer
                if is_last:
                    stated += _stated(answer, google.label)
                yield Page(table, stated if is_last and position == len(accounts) - 1 else None)


def _query(stream: Stream, window: Window) -> str:
    fields = ", ".join(_FIELDS[name] for name in stream.schema.names if name != EXTRA_COLUMN)
    return (
        f"SELECT {fields} FROM {_RESOURCES[stream.name]} "
        f"WHERE segments.date BETWEEN '{window.first}' AND '{window.last}' ORDER BY segments.date"
    )


def _pages(google: Client, account: str, query: str) -> Iterator[Mapping[str, Any]]:
    body: dict[str, Any] = {"query": query, "searchSettings": {"returnTotalResultsCount": True}}
    while True:
        answer = google.post(f"{VERSION}/customers/{account}/googleAds:search", json=body)
        if not isinstance(answer, dict) or not isinstance(answer.get("results", []), list):
            raise SourceMalformed(f"{google.label}: the answer of search is no object with a list of results")
        yield answer
        if "nextPageToken" not in answer:
            return
        if answer["nextPageToken"] == body.get("pageToken"):
            raise SourceMalformed(f"{google.label}: the token of the next page is the one of this page")
        body["pageToken"] = answer["nextPageToken"]


def _stated(answer: Mapping[str, Any], label: str) -> int:
    try:
        return int(answer["totalResultsCount"])
    except (KeyError, ValueError, TypeError):
        raise SourceMalformed(f"{label}: the answer of search lacks totalResultsCount, which was asked for") from None


# Who may be read ------------------------------------------------------------------------------------------------------


def _auth(access: Access) -> TokenExchange:
    form = {
        "grant_type": "refresh_token",
        "client_id": access.login,
        "client_secret": access.secret,
        "refresh_token": access.extra.get("refresh_token", ""),
    }
    missing = [name for name in ("client_id", "client_secret", "refresh_token") if not form[name]]
    missing += [] if access.extra.get("developer_token") else ["developer_token"]
    if missing:
        raise ConfigError(
            f"google_ads: the connection lacks {', '.join(missing)}",
            next_step="edit the connection mart_google_ads: login = client id, password = client secret, "
            "extra = {developer_token, refresh_token, login_customer_id if accounts are read through a manager}",
        )
    return TokenExchange(access.extra.get("token_url", _TOKEN_URL), form)


def _client(label: str, access: Access, auth: TokenExchange, login: str) -> Client:
    headers = {"developer-token": access.extra["developer_token"]}
    if login:
        headers["login-customer-id"] = login
    return client(access.base_url, label=label, auth=auth, headers=headers, classify=_reader_of_failures(label))


def _accounts(stream: Stream, access: Access, options: SourceOptions, auth: TokenExchange) -> list[tuple[str, str]]:
    """Account and the account through which it is reached; those of config, or all that are neither managers nor
    closed among what the credentials reach (docs/account-management/listing-accounts)."""
    login = _number(access.extra.get("login_customer_id", ""))
    if options.accounts:
        return [(_number(account), login) for account in options.accounts]
    label = f"{stream.label}, list of accounts"
    try:
        with _client(label, access, auth, login) as google:
            names = google.get(f"{VERSION}/customers:listAccessibleCustomers").get("resourceNames", [])
        roots = [login] if login else [name.removeprefix("customers/") for name in names]
        found = _clients(stream, access, auth, roots)
    except (KeyError, TypeError, AttributeError):
        raise SourceMalformed(f"{label}: the answer is no list of accounts") from None
    if not found:
        raise SourceRefused(
            f"{stream.label}: the credentials reach no account",
            next_step="name accounts under sources: google_ads: accounts: in config/mart.yml, or give the user access",
        )
    return sorted(found.items())


def _clients(stream: Stream, access: Access, auth: TokenExchange, roots: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    query = (
        "SELECT customer_client.id FROM customer_client "
        "WHERE customer_client.manager = FALSE AND customer_client.status = 'ENABLED'"
    )
    for root in roots:
        with _client(f"{stream.label}, clients of account {root}", access, auth, root) as google:
            for answer in _pages(google, root, query):
                for row in answer.get("results", []):
                    found.setdefault(row["customerClient"]["id"], root)
    return found


def _number(account: str) -> str:
    number = account.replace("-", "")
    if number and not re.fullmatch(r"\d{10}", number):
        raise ConfigError(
            f"google_ads: {account!r} is no account number",
            next_step="accounts are ten digits (123-456-7890): sources: google_ads: accounts: in config/mart.yml",
        )
    return number


# From JSON rows to columns --------------------------------------------------------------------------------------------


def _table(stream: Stream, rows: list[dict[str, Any]], label: str) -> pa.Table:
    parents: dict[tuple[str, ...], list[Any]] = {(): rows}
    arrays = []
    for field in stream.schema:
        if field.name == EXTRA_COLUMN:
            arrays.append(pa.nulls(len(rows), field.type))
            continue
        path = tuple(_camel(part) for part in _FIELDS[field.name].split("."))
        try:
            values = _values(parents, path, field.name in _MAY_LACK)
        except (KeyError, TypeError):
            told = f"{_lacking(rows, path)} of {len(rows)} rows lack {'.'.join(path)}"
            raise SourceMalformed(f"{label}: {told}") from None
        arrays.append(_array(values, field, f"{label}: {'.'.join(path)}"))
    return pa.Table.from_arrays(arrays, schema=stream.schema)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _values(parents: dict[tuple[str, ...], list[Any]], path: tuple[str, ...], may_lack: bool) -> list[Any]:
    """One field of every row. `parents` remembers the objects on the way, which many fields share."""
    *way, last = path
    for depth in range(1, len(way) + 1):
        if tuple(way[:depth]) not in parents:
            parents[tuple(way[:depth])] = [row[way[depth - 1]] for row in parents[tuple(way[: depth - 1])]]
    if may_lack:
        return [row.get(last) for row in parents[tuple(way)]]
    return [row[last] for row in parents[tuple(way)]]


def _lacking(rows: list[Any], path: tuple[str, ...]) -> int:
    def has(row: Any) -> bool:
        for part in path:
            if not isinstance(row, dict) or part not in row:
                return False
            row = row[part]
        return True

    return sum(not has(row) for row in rows)


def _array(values: list[Any], field: pa.Field, label: str) -> pa.Array:
    try:
        if field.type == MONEY:
            return _decimals(values)
        return pa.array(values, TEXT).cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowTypeError, ArithmeticError) as error:
        raise SourceMalformed(f"{label}: not all values can be read: {str(error)[:120]}") from None


def _decimals(values: list[Any]) -> pa.Array:
    """Doubles in JSON, parsed as Decimal. Fractions of attributed conversions have up to 17 digits: 6 are kept."""
    try:
        return pa.array(values, MONEY)
    except pa.ArrowInvalid:
        kept = Decimal("0.000001")
        return pa.array([Decimal(value).quantize(kept) for value in values], MONEY)


# What Google says when it does not answer -----------------------------------------------------------------------------


def _reader_of_failures(label: str) -> Classify:
    """A `classify` for the client: tells a GoogleAdsFailure in its own words (rest/design/errors, docs/best-practices
    /understand-api-errors), and waits as long as a quota error asks for."""

    def classify(reply: Reply) -> Verdict:
        if reply.status_code < 400:
            return None
        kind, name, message, delay, request_id = _failure(reply)
        if delay is not None:
            return delay
        # an OAuth token that has run out is the client's to renew
        if not kind or reply.status_code >= 500 or reply.status_code == 429 or name.startswith("OAUTH_TOKEN"):
            return None
        told = f"{label}: {name}: {message} (requestId {request_id})"
        if name in ("EXPIRED_PAGE_TOKEN", "INVALID_PAGE_TOKEN"):
            raise SourceUnavailable(told, next_step="run this source again")
        if kind == "authorizationError" or name == "CUSTOMER_NOT_FOUND":
            raise SourceRefused(
                told,
                next_step="give the Google user of mart_google_ads access to this account, set login_customer_id to "
                "its manager, or take it out of sources: google_ads: accounts: in config/mart.yml",
            )
        raise SourceRefused(told, next_step="check the connection mart_google_ads")

    return classify


def _failure(reply: Reply) -> tuple[str, str, str, float | None, str]:
    """Kind, name and message of the first error, the delay it asks for in seconds, and the request's id."""
    try:
        answer = reply.json()
        status = (answer[0] if isinstance(answer, list) else answer)["error"]
        failure = next(detail for detail in status["details"] if "errors" in detail)
        error = failure["errors"][0]
        [(kind, name)] = error["errorCode"].items()
        delay = error.get("details", {}).get("quotaErrorDetails", {}).get("retryDelay")
        seconds = float(delay.removesuffix("s")) if delay else None
        return kind, name, error.get("message", ""), seconds, failure.get("requestId", "")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, StopIteration):
        return "", "", "", None, ""  # not a GoogleAdsFailure: the client reads the status alone
