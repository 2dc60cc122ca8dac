"""What Meta says when it does not answer."""

import json

from marketing_mart.connectors.client import Classify, Reply, Verdict
from marketing_mart.errors import SourceRefused


class TooMuchData(SourceRefused):
    """Meta can't answer so many rows at once."""


_THROTTLED = {4, 17, 32, 613, *range(80000, 80015)}
_PASSING = {1, 2, 2601}  # 2601: a report run that is done, but not yet where it is asked for
_NO_ACCESS = {3, 10, 102, 104, 190, 2500, *range(200, 300)}


def reader_of_errors(label: str, token: str) -> Classify:
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
            raise TooMuchData(told, next_step="ask for fewer days: make run with a shorter MART_START..MART_DATE")
        if code in _PASSING or error.get("is_transient"):
            return "retry"
        if code in _NO_ACCESS:
            raise SourceRefused(
                told,
                next_step="put a token with ads_read for this account into the connection mart_meta_ads",
            )
        if reply.status_code == 429 or reply.status_code >= 500:  # somebody on the way, who knows no code of Meta's
            return None
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
