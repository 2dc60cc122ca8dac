"""Who may be read, and page by page how: the token, the accounts in reach, one edge."""

import re
from collections.abc import Iterator
from typing import Any

from marketing_mart.connectors.client import Client, bearer, client, dig
from marketing_mart.connectors.meta_ads.failures import reader_of_errors
from marketing_mart.connectors.paging import Watch
from marketing_mart.errors import ConfigError, SourceMalformed, SourceRefused
from marketing_mart.streams import Access, SourceOptions, Stream

VERSION = "v26.0"


def pages(
    meta: Client, path: str, params: dict[str, str], size: int, told: dict[str, Any] | None = None
) -> Iterator[list[dict[str, Any]]]:
    """Rows, page by page. Where `params` ask for a summary, `told` gets that of the first page."""
    params, watch = params | {"limit": str(size)}, Watch(meta.label)
    while True:
        answer = meta.get(path, params=params)
        try:
            rows, paging = answer["data"], answer.get("paging", {})
            has_more = "next" in paging
            after = paging["cursors"]["after"] if has_more else ""
            if not isinstance(rows, list):
                raise TypeError
        except (KeyError, TypeError, AttributeError):
            raise SourceMalformed(f"{meta.label}: a page without data, or without the cursor of the next") from None
        watch.page(rows)
        if told is not None:
            count = dig(answer, "summary", "total_count")
            if count is not None and (type(count) is not int or count < 0):
                raise SourceMalformed(f"{meta.label}: total_count is no number of rows: {str(count)[:40]}")
            told.setdefault("total_count", count)
        if rows:
            yield rows
        if not has_more:
            return
        watch.cursor(after)
        params["after"] = after


def connected(label: str, access: Access) -> Client:
    if not access.secret:
        raise ConfigError(
            "meta_ads: the connection has no access token",
            next_step="edit the connection mart_meta_ads: password = a system user's token with ads_read",
        )
    reader = reader_of_errors(label, access.secret)
    return client(access.base_url, label=label, auth=bearer(access.secret), classify=reader)


def accounts(stream: Stream, access: Access, options: SourceOptions) -> list[str]:
    """act_ ids: those of config, or all ad accounts that the token reaches."""
    if options.accounts:
        return [_act(account) for account in options.accounts]
    with connected(f"{stream.label}, list of accounts", access) as meta:
        found_pages = pages(meta, f"{VERSION}/me/adaccounts", {"fields": "account_id,name"}, 1_000)
        try:
            found = sorted(_act(str(row["account_id"])) for rows in found_pages for row in rows)
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
    if not re.fullmatch(r"[0-9]+", number):
        raise ConfigError(
            f"meta_ads: {account!r} is no ad account",
            next_step="accounts are numbers, with or without act_: sources: meta_ads: accounts: in config/mart.yml",
        )
    return f"act_{number}"
