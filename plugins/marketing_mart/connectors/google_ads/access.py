"""Who may be read, and page by page how: credentials, the accounts in reach, one search."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from marketing_mart.connectors.client import Client, TokenExchange, client
from marketing_mart.connectors.google_ads.failures import reader_of_failures
from marketing_mart.connectors.paging import Watch
from marketing_mart.errors import ConfigError, SourceMalformed, SourceRefused
from marketing_mart.streams import Access, SourceOptions, Stream

VERSION = "v26"
_TOKEN_URL = "https://oauth2.googleapis.com/token"


def pages(google: Client, account: str, query: str) -> Iterator[Mapping[str, Any]]:
    body: dict[str, Any] = {"query": query, "searchSettings": {"returnTotalResultsCount": True}}
    watch = Watch(google.label)
    while True:
        answer = google.post(f"{VERSION}/customers/{account}/googleAds:search", json=body)
        if not isinstance(answer, dict) or not isinstance(answer.get("results", []), list):
            raise SourceMalformed(f"{google.label}: the answer of search is no object with a list of results")
        watch.page(answer.get("results", []))
        yield answer
        if "nextPageToken" not in answer:
            return
        watch.cursor(answer["nextPageToken"])
        body["pageToken"] = answer["nextPageToken"]


def authorisation(access: Access) -> TokenExchange:
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


def connected(label: str, access: Access, auth: TokenExchange, login: str) -> Client:
    headers = {"developer-token": access.extra["developer_token"]}
    if login:
        headers["login-customer-id"] = login
    return client(access.base_url, label=label, auth=auth, headers=headers, classify=reader_of_failures(label))


def accounts(stream: Stream, access: Access, options: SourceOptions, auth: TokenExchange) -> list[tuple[str, str]]:
    """Account and the account through which it is reached; those of config, or all that are neither managers nor
    closed among what the credentials reach (docs/account-management/listing-accounts)."""
    login = _number(access.extra.get("login_customer_id", ""))
    if options.accounts:
        return [(_number(account), login) for account in options.accounts]
    label = f"{stream.label}, list of accounts"
    try:
        with connected(label, access, auth, login) as google:
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
        with connected(f"{stream.label}, clients of account {root}", access, auth, root) as google:
            for answer in pages(google, root, query):
                for row in answer.get("results", []):
                    found.setdefault(row["customerClient"]["id"], root)
    return found


def _number(account: str) -> str:
    number = account.replace("-", "")
    if number and not re.fullmatch(r"[0-9]{10}", number):
        raise ConfigError(
            f"google_ads: {account!r} is no account number",
            next_step="accounts are ten digits (123-456-7890): sources: google_ads: accounts: in config/mart.yml",
        )
    return number
