"""What Google says when it does not answer."""

from marketing_mart.connectors.client import Classify, Reply, Verdict
from marketing_mart.errors import SourceRefused, SourceUnavailable


def reader_of_failures(label: str) -> Classify:
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
