"""What must be true of landed data before dbt sees it: one suite per stream that is on, one over the reads.

Each check judges one source, since what the gate accepts or rejects is all that was read of a source.
Tables are `landed.<source>__<stream>` (the rows that this run brought, of ads also those that they are compared with),
`landed.loads` and `landed.reads` (the manifest), `known` and `before`: see landing/judged.py. History was judged
when it landed.
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
    unique,
)
from expectations.kinds import AD_METRICS, again, is_ads, is_of, name_of, severity, table
from expectations.landed_columns import columns, nothing_new
from expectations.landed_relations import relations
from expectations.landed_volumes import not_stale, reads, volumes

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
        of_reads = checks.setdefault("landed.reads", [])
        if source in scope.stale:
            of_reads.append(replace(not_stale(source, scope), source=source))
            continue
        of_source = scope.of(source)
        for stream in of_source.streams:
            checks[table(stream)] = [replace(check, source=source) for check in _of_stream(stream, of_source)]
        for check in (*reads(source, of_source), *nothing_new(source, of_source)):
            of_reads.append(replace(check, source=source))
    return checks


def _of_stream(stream: Landed, scope: Scope) -> Iterator[Check]:
    names, mend = {field.name for field in stream.schema}, again(scope, stream.source)
    yield from _keys(stream, mend)
    yield from _amounts(stream, names, mend)
    if "currency" in names:
        yield _currency(names, table(stream).removeprefix("landed.") in QUARANTINED, mend)
    if moments := [name for name in HAPPENED if name in names]:
        yield _moments(moments, stream, scope, mend)
    if stream.day:
        yield _days(stream, mend)
    if is_ads(stream):
        yield _no_account_silent(stream, scope, mend)
    for source, whole, parts, amount, may_be_less in TOTALS:
        if stream.source == source and stream.name == parts and scope.has(source, whole):
            yield _sums_agree(f"{source}__{whole}", (*AD_METRICS, amount), may_be_less, severity(stream), mend)
    yield from columns(stream, scope)
    yield from relations(stream, scope)
    yield from volumes(stream, scope)


def _keys(stream: Landed, mend: str) -> Iterator[Check]:
    optional = MAY_BE_EMPTY.get(name_of(stream), set())
    for column in stream.key:
        if column not in optional:
            yield never_null(column, why="a row without its key can neither be updated nor counted", next_step=mend)
    yield unique(stream.key, why="a row that stands twice is counted twice", next_step=mend)


def _amounts(stream: Landed, names: set[str], mend: str) -> Iterator[Check]:
    extra = NOT_NEGATIVE_OF.get(name_of(stream), ())
    for column in (name for name in (*NOT_NEGATIVE, *extra) if name in names):
        yield at_least(column, 0, why="no platform counts or charges below zero", next_step=mend)
    if stream.kind == "report":
        for column in (name for name in stream.totals if name in NOT_NEGATIVE and name != "pageviews"):
            yield never_null(column, why="a sum over a missing number looks like a smaller number", next_step=mend)
    if {"clicks", "impressions"} <= names:
        yield no_rows(
            "clicks_within_impressions",
            "select * from batch where clicks > impressions",
            expected="clicks <= impressions",
            why="more clicks than impressions happens (a click a day after its impression), but seldom",
            next_step="compare with the platform's own page for that ad and day",
            severity="warning",
        )


def _currency(names: set[str], may_lack: bool, mend: str) -> Check:
    amounts = " or ".join(f"{name} is not null" for name in MONEY if name in names and not may_lack) or "false"
    return no_rows(
        "currency_is_iso",
        f"select * from batch where not regexp_full_match(currency, '[A-Z][A-Z][A-Z]')"
        f" or (currency is null and ({amounts}))",
        expected="a currency is an ISO 4217 code" if may_lack else "an ISO 4217 code beside every amount",
        why="an amount without its currency can't be converted",
        next_step=mend,
    )


def _moments(columns: list[str], stream: Landed, scope: Scope, mend: str) -> Check:
    newest = (
        f"(select greatest(max(cast(loaded_at as timestamptz)), timestamptz '{scope.day} 00:00:00+00') + interval 2 day"
        f" from landed.reads where {is_of(stream)})"
    )
    outside = " or ".join(f"{column} < timestamptz '{EARLIEST}' or {column} > {newest}" for column in columns)
    return no_rows(
        "moments_plausible",
        f"select * from batch where {outside}",
        expected=f"{', '.join(columns)} between {EARLIEST} and the last read",
        why="a wrong year puts a row outside every day that is reported",
        next_step=mend,
    )


def _days(stream: Landed, mend: str) -> Check:
    return no_rows(
        "days_within_window",
        f"select * from batch where {stream.day} is null"
        f" or {stream.day} < (select min(cast(first_day as date)) from landed.reads where {is_of(stream)})"
        f" or {stream.day} > (select max(cast(last_day as date)) from landed.reads where {is_of(stream)})",
        expected="days within those that were asked for",
        why="a day that nobody asked for is never restated",
        next_step=mend,
    )


def _no_account_silent(stream: Landed, scope: Scope, mend: str) -> Check:
    day = f"date '{scope.day}'"
    return no_rows(
        "no_account_silent",
        f"select account_id, max({stream.day}) as newest_day from batch"
        f" where {stream.day} between {day} - 7 and {day} group by account_id having max({stream.day}) < {day}",
        expected=f"rows of {scope.day} for every account that had some in the week before",
        why="one account that falls silent hides behind the others",
        next_step=f"see whether the account is paused; if not, {mend}",
        severity="warning",
    )


def _sums_agree(whole: str, metrics: tuple[str, ...], may_be_less: bool, severity_: Severity, mend: str) -> Check:
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
        next_step=f"{mend} (a restatement between the two reads looks the same, and is gone then)",
        severity=severity_,
    )
