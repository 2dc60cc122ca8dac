"""What kind of stream a check is about, and what follows from it: severity, table, the command that mends it."""

from datetime import date, timedelta

from expectations.base import Landed, Scope, Severity

ENTITIES_NEVER_EMPTY = ("orders", "contacts")
AD_METRICS = ("impressions", "clicks")

# Reports of a part of the ads, in which an account may have nothing (no search campaigns, no Performance Max) and
# which no total of the mart is made of: what is odd in them is told and stops nobody.
IN_PART = (
    "google_ads__keywords", "google_ads__search_terms", "google_ads__campaign_search_terms",
    "google_ads__user_locations",
)  # fmt: skip


def name_of(stream: Landed) -> str:
    return f"{stream.source}__{stream.name}"


def table(stream: Landed) -> str:
    return f"landed.{name_of(stream)}"


def is_of(stream: Landed) -> str:
    """The condition on the rows of `landed.loads` and `landed.reads`."""
    return f"source = '{stream.source}' and stream = '{stream.name}'"


def is_ads(stream: Landed) -> bool:
    return stream.kind == "report" and set(AD_METRICS) <= set(stream.totals)


def is_in_part(stream: Landed) -> bool:
    return name_of(stream) in IN_PART


def is_daily(stream: Landed) -> bool:
    """Whether a business that goes on has rows of it on every day."""
    return (is_ads(stream) and not is_in_part(stream)) or stream.name in ("sessions", *ENTITIES_NEVER_EMPTY)


def severity(stream: Landed) -> Severity:
    return "warning" if is_in_part(stream) else "error"


def due(stream: Landed, day: date) -> date:
    """The newest day that must have come: the run's own, or as many days before as the expected lag has beyond one."""
    return day - timedelta(days=(stream.expected_lag_hours - 1) // 24)


def again(scope: Scope, source: str) -> str:
    return f"make run MART_DATE={scope.day} MART_SOURCES={source}"
