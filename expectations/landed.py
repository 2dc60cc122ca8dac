"""What must be true of landed data before dbt sees it: one suite per stream that is on, one over the reads.

Each check judges one source, since what the gate accepts or rejects is all that was read of a source.
Tables are `landed.<source>__<stream>` (the rows that count) and `landed.reads` (one row per read of a stream).
"""

from collections.abc import Iterator
from dataclasses import replace

from expectations.base import (
    Check,
    Landed,
    Scope,
    Severity,
    Suites,
    at_least,
    never_null,
    no_rows,
    not_empty,
    unique,
)

# Parts of a key that a row may leave empty: a cost of no channel, an ad row of a platform without ad groups.
MAY_BE_EMPTY = {
    "files__ad_performance": {"ad_group_id", "ad_id"},
    "files__costs": {"channel", "campaign"},
    "files__budgets": {"campaign_id"},
    "files__targets": {"channel"},
}
# Credit notes and returns make the amounts of offline orders and lines negative, so those are not here.
NOT_NEGATIVE = (
    "impressions", "clicks", "cost_micros", "spend", "pageviews", "recipients", "delivered", "opens", "bounces",
    "unsubscribes", "complaints", "rate",
)  # fmt: skip
NOT_NEGATIVE_OF = {"shopify__orders": ("gross_amount", "discount_amount", "tax_amount", "shipping_amount")}
# An order, deal, cost, budget or claim without a currency goes into quarantine, and the rest goes on; that of an ad
# account or a rate is no matter of a row.
QUARANTINED = {
    "files__budgets", "files__costs", "files__deals", "files__email_campaigns", "files__orders",
    "google_ads__conversions", "hubspot__deals", "shopify__orders",
}  # fmt: skip
MONEY = ("spend", "cost_micros", "amount", "net_amount", "gross_amount", "revenue")
HAPPENED = (
    "created_at", "updated_at", "ordered_at", "processed_at", "started_at", "occurred_at", "exposed_at", "sent_at",
)  # fmt: skip
EARLIEST = "1990-01-01"
ENTITIES_NEVER_EMPTY = ("orders", "contacts")
AD_METRICS = ("impressions", "clicks")

# Reports of a part of the ads, in which an account may have nothing (no search campaigns, no Performance Max) and
# which no total of the mart is made of: what is odd in them is told and stops nobody.
IN_PART = (
    "google_ads__keywords", "google_ads__search_terms", "google_ads__campaign_search_terms",
    "google_ads__user_locations",
)  # fmt: skip
# whole, parts, the amount, whether the parts may stay below (what has no ad, such as Performance Max, is in no ad row)
TOTALS = (
    ("google_ads", "account_performance", "campaign_performance", "cost_micros", False),
    ("google_ads", "account_performance", "ad_performance", "cost_micros", True),
    ("google_ads", "account_performance", "keywords", "cost_micros", True),
    ("google_ads", "account_performance", "search_terms", "cost_micros", True),
    ("google_ads", "account_performance", "campaign_search_terms", "cost_micros", True),
    ("google_ads", "account_performance", "user_locations", "cost_micros", True),
    ("meta_ads", "account_insights", "ad_insights", "spend", False),
)


def suites(scope: Scope) -> Suites:
    """The suites of every stream that is on, by table."""
    checks: dict[str, list[Check]] = {}
    for source in scope.sources:
        if source in scope.stale:
            checks.setdefault("landed.reads", []).append(replace(_not_stale(source, scope), source=source))
            continue
        of_source = scope.of(source)
        for stream in of_source.streams:
            checks[_table(stream)] = [replace(check, source=source) for check in _of_stream(stream, of_source)]
        reads = [replace(check, source=source) for check in _of_reads(source, of_source)]
        checks.setdefault("landed.reads", []).extend(reads)
    return checks


def _of_stream(stream: Landed, scope: Scope) -> Iterator[Check]:
    names = {field.name for field in stream.schema}
    again = _again(scope, stream.source)
    yield from _keys(stream, again)
    yield from _amounts(stream, names, again)
    if "currency" in names:
        yield _currency(names, _table(stream).removeprefix("landed.") in QUARANTINED, again)
    if moments := [name for name in HAPPENED if name in names]:
        yield _moments(moments, stream, scope, again)
    if stream.day:
        yield _days(stream, again)
    yield _never_empty(stream, again)
    if _is_ads(stream):
        yield _day_not_empty(stream, scope, again)
        yield _no_account_silent(stream, scope, again)
    for source, whole, parts, amount, may_be_less in TOTALS:
        if stream.source == source and stream.name == parts and scope.has(source, whole):
            yield _sums_agree(f"{source}__{whole}", (*AD_METRICS, amount), may_be_less, _severity(stream), again)


def _keys(stream: Landed, again: str) -> Iterator[Check]:
    optional = MAY_BE_EMPTY.get(f"{stream.source}__{stream.name}", set())
    for column in stream.key:
        if column not in optional:
            yield never_null(column, why="a row without its key can neither be updated nor counted", next_step=again)
    yield unique(stream.key, why="a row that stands twice is counted twice", next_step=again)


def _amounts(stream: Landed, names: set[str], again: str) -> Iterator[Check]:
    extra = NOT_NEGATIVE_OF.get(f"{stream.source}__{stream.name}", ())
    for column in (name for name in (*NOT_NEGATIVE, *extra) if name in names):
        yield at_least(column, 0, why="no platform counts or charges below zero", next_step=again)
    if stream.kind == "report":
        for column in (name for name in stream.totals if name in NOT_NEGATIVE and name != "pageviews"):
            yield never_null(column, why="a sum over a missing number looks like a smaller number", next_step=again)
    if {"clicks", "impressions"} <= names:
        yield no_rows(
            "clicks_within_impressions",
            "select * from batch where clicks > impressions",
            expected="clicks <= impressions",
            why="more clicks than impressions happens (a click a day after its impression), but seldom",
            next_step="compare with the platform's own page for that ad and day",
            severity="warning",
        )


def _currency(names: set[str], may_lack: bool, again: str) -> Check:
    amounts = " or ".join(f"{name} is not null" for name in MONEY if name in names and not may_lack) or "false"
    return no_rows(
        "currency_is_iso",
        f"select * from batch where not regexp_full_match(currency, '[A-Z][A-Z][A-Z]')"
        f" or (currency is null and ({amounts}))",
        expected="a currency is an ISO 4217 code" if may_lack else "an ISO 4217 code beside every amount",
        why="an amount without its currency can't be converted",
        next_step=again,
    )


def _moments(columns: list[str], stream: Landed, scope: Scope, again: str) -> Check:
    newest = (
        f"(select greatest(max(cast(loaded_at as timestamptz)), timestamptz '{scope.day} 00:00:00+00') + interval 2 day"
        f" from landed.reads where {_is(stream)})"
    )
    outside = " or ".join(f"{column} < timestamptz '{EARLIEST}' or {column} > {newest}" for column in columns)
    return no_rows(
        "moments_plausible",
        f"select * from batch where {outside}",
        expected=f"{', '.join(columns)} between {EARLIEST} and the last read",
        why="a wrong year puts a row outside every day that is reported",
        next_step=again,
    )


def _days(stream: Landed, again: str) -> Check:
    return no_rows(
        "days_within_window",
        f"select * from batch where {stream.day} is null"
        f" or {stream.day} < (select min(cast(first_day as date)) from landed.reads where {_is(stream)})"
        f" or {stream.day} > (select max(cast(last_day as date)) from landed.reads where {_is(stream)})",
        expected="days within those that were asked for",
        why="a day that nobody asked for is never restated",
        next_step=again,
    )


def _never_empty(stream: Landed, again: str) -> Check:
    is_whole = _is_ads(stream) and not _is_in_part(stream)
    must = is_whole or stream.source == "files" or stream.name in ENTITIES_NEVER_EMPTY
    severity: Severity = "error" if must else "warning"
    return not_empty(
        why="a source that answers nothing must not look like a business that sold nothing",
        next_step=f"see that the source's accounts and rights are right, then {again}; or take it out of `sources:`",
        severity=severity,
    )


def _day_not_empty(stream: Landed, scope: Scope, again: str) -> Check:
    day = f"date '{scope.day}'"
    return no_rows(
        "day_not_empty",
        f"select max({stream.day}) as newest_day, count(*) as rows_before from batch where {stream.day} <= {day}"
        f" having count(*) > 0 and max({stream.day}) < {day}",
        expected=f"rows of {scope.day}, as there are of earlier days",
        why="no rows where there normally are some is a hole, not a day without ads",
        next_step=f"{again}; if the source is paused for good, take it out of `sources:`",
        severity=_severity(stream),
    )


def _no_account_silent(stream: Landed, scope: Scope, again: str) -> Check:
    day = f"date '{scope.day}'"
    return no_rows(
        "no_account_silent",
        f"select account_id, max({stream.day}) as newest_day from batch"
        f" where {stream.day} between {day} - 7 and {day} group by account_id having max({stream.day}) < {day}",
        expected=f"rows of {scope.day} for every account that had some in the week before",
        why="one account that falls silent hides behind the others",
        next_step=f"see whether the account is paused; if not, {again}",
        severity="warning",
    )


def _sums_agree(whole: str, metrics: tuple[str, ...], may_be_less: bool, severity: Severity, again: str) -> Check:
    sums = ", ".join(f"sum({metric}) as {metric}" for metric in metrics)
    pairs = ", ".join(f"whole.{metric} as account_{metric}, parts.{metric} as summed_{metric}" for metric in metrics)
    differs = ">" if may_be_less else "<>"
    wrong = " or ".join(f"coalesce(parts.{metric}, 0) {differs} coalesce(whole.{metric}, 0)" for metric in metrics)
    return no_rows(
        f"sums_to_{whole.split('__')[1]}",
        f"select date_day, account_id, {pairs} from whole full join parts using (date_day, account_id) where {wrong}",
        given=f"whole as (select date_day, account_id, {sums} from landed.{whole} group by all),"
        f" parts as (select date_day, account_id, {sums} from batch group by all)",
        expected=f"{', '.join(metrics)} {'at most' if may_be_less else 'equal to'} the account's own, per day",
        why="rows are missing, or stand twice, where the sum is not what the platform itself states",
        next_step=f"{again} (a restatement between the two reads looks the same, and is gone then)",
        severity=severity,
    )


def _of_reads(source: str, scope: Scope) -> Iterator[Check]:
    names = ", ".join(f"('{stream.name}')" for stream in scope.streams)
    reads = f"reads as (select * from batch where source = '{source}'), streams_on(stream) as (values {names})"
    again = _again(scope, source)
    yield no_rows(
        f"every_stream_of_{source}_read",
        "select stream, max(cast(reads.day as date)) as newest_read from streams_on left join reads using (stream)"
        f" group by all having coalesce(newest_read < date '{scope.day}', true)",
        given=reads,
        expected=f"a read of {scope.day} for every stream that is on",
        why="a stream that was not read keeps yesterday's numbers",
        next_step=again,
    )
    yield no_rows(
        f"rows_of_{source}_as_stated",
        "select * from (select reads.* from reads join streams_on using (stream)"
        " qualify sequence = max(sequence) over (partition by stream)) where rows <> stated_rows",
        given=reads,
        expected="as many rows as the source itself says it has",
        why="a page was lost or came twice",
        next_step=again,
    )


def _not_stale(source: str, scope: Scope) -> Check:
    """Red in any case: nothing was read of it, and the release goes out all the same."""
    return no_rows(
        f"{source}_not_stale",
        f"select '{source}' as source, max(cast(day as date)) as newest_day from batch where source = '{source}'",
        expected=f"a whole read of {scope.day}",
        why=f"the release has no more of it than what landed before: {scope.stale[source]}",
        next_step=_again(scope, source),
        severity="warning",
    )


def _table(stream: Landed) -> str:
    return f"landed.{stream.source}__{stream.name}"


def _is(stream: Landed) -> str:
    return f"source = '{stream.source}' and stream = '{stream.name}'"


def _is_ads(stream: Landed) -> bool:
    return stream.kind == "report" and set(AD_METRICS) <= set(stream.totals)


def _is_in_part(stream: Landed) -> bool:
    return f"{stream.source}__{stream.name}" in IN_PART


def _severity(stream: Landed) -> Severity:
    return "warning" if _is_in_part(stream) else "error"


def _again(scope: Scope, sources: str) -> str:
    return f"make run MART_DATE={scope.day} MART_SOURCES={sources}"
