"""Is it as much as it should be? Answered from the manifest: rows and control totals of every load, no file is read.

`landed.loads` has one row per version of a day (`is_current`: the newest that counts), `landed.reads` one per read;
`is_offered` marks those that the gate is to judge.
"""

from collections.abc import Iterator

from expectations.base import Check, Landed, Scope, no_rows
from expectations.kinds import again, due, is_ads, is_daily, is_in_part, is_of, severity

WEEKS, WEEKS_AT_LEAST = 8, 4  # of the same weekday, by which a day is measured
MANY = 20  # below so many rows chance decides
DEVIATIONS = 6 * 1.4826  # of the median absolute deviation, made comparable with a standard deviation
BAND = 0.5  # within this share of the median nothing is odd, however steady the weeks were
NEAR_ZERO = 0.1
COUNTED = ("impressions", "clicks", "cost_micros", "spend", "pageviews")  # totals that have a usual size


def volumes(stream: Landed, scope: Scope) -> Iterator[Check]:
    yield _never_empty(stream, scope)
    if stream.kind == "report":
        yield from _rows_kept(stream, scope)
    if is_ads(stream):
        yield _day_not_empty(stream, scope)
        yield _day_is_no_copy(stream, scope)
    if stream.kind == "report" or stream.source != "files":
        yield from _as_usual(stream, scope)


def reads(source: str, scope: Scope) -> Iterator[Check]:
    """On `landed.reads`: whether all of a source was read, and all of its rows came."""
    names = ", ".join(f"('{stream.name}')" for stream in scope.streams)
    given = f"reads as (select * from batch where source = '{source}'), streams_on(stream) as (values {names})"
    yield no_rows(
        f"every_stream_of_{source}_read",
        "select stream, max(cast(reads.day as date)) as newest_read from streams_on left join reads using (stream)"
        f" group by all having coalesce(newest_read < date '{scope.day}', true)",
        given=given,
        expected=f"a read of {scope.day} for every stream that is on",
        why="a stream that was not read keeps yesterday's numbers",
        next_step=again(scope, source),
    )
    yield no_rows(
        f"rows_of_{source}_as_stated",
        "select * from (select reads.* from reads join streams_on using (stream)"
        " qualify sequence = max(sequence) over (partition by stream)) where rows <> stated_rows",
        given=given,
        expected="as many rows as the source itself says it has",
        why="a page was lost or came twice",
        next_step=again(scope, source),
    )


def not_stale(source: str, scope: Scope) -> Check:
    """Red in any case: nothing was read of it, and the release goes out all the same."""
    return no_rows(
        f"{source}_not_stale",
        f"select '{source}' as source, max(cast(day as date)) as newest_day from batch where source = '{source}'",
        expected=f"a whole read of {scope.day}",
        why=f"the release has no more of it than what landed before: {scope.stale[source]}",
        next_step=again(scope, source),
        severity="warning",
    )


def _never_empty(stream: Landed, scope: Scope) -> Check:
    must = is_daily(stream) or stream.source == "files" or (is_ads(stream) and not is_in_part(stream))
    return no_rows(
        "not_empty",
        f"select '{stream.source}' as source, '{stream.name}' as stream, 0 as rows_landed where not exists"
        f" (select 1 from landed.loads where {is_of(stream)} and is_current and rows > 0)",
        expected="at least 1 row",
        why="a source that answers nothing must not look like a business that sold nothing",
        next_step="see that the source's accounts and rights are right, then"
        f" {again(scope, stream.source)}; or take it out of `sources:`",
        severity="error" if must else "warning",
    )


def _day_not_empty(stream: Landed, scope: Scope) -> Check:
    day = due(stream, scope.day)
    return no_rows(
        "day_not_empty",
        "select max(day) as newest_day, sum(rows) as rows_before from landed.loads"
        f" where {is_of(stream)} and is_current and rows > 0 and day <= date '{day}'"
        f" having count(*) > 0 and max(day) < date '{day}'",
        expected=f"rows of {day}, as there are of earlier days",
        why="no rows where there normally are some is a hole, not a day without ads",
        next_step=f"{again(scope, stream.source)}; if the source is paused for good, take it out of `sources:`",
        severity=severity(stream),
    )


def _day_is_no_copy(stream: Landed, scope: Scope) -> Check:
    return no_rows(
        "day_is_no_copy",
        "select now.day, now.rows, now.totals from of_stream as now"
        " join of_stream as before on before.day = now.day - 1"
        f" where now.is_offered and now.rows >= {MANY} and now.rows = before.rows and now.totals = before.totals",
        given=f"of_stream as (select * from landed.loads where {is_of(stream)} and is_current)",
        expected="other rows or sums than the day before",
        why="two days that are equal to the last click are one day that was given twice",
        next_step=f"compare both days with the platform's own page, then {again(scope, stream.source)}",
        severity="warning",
    )


def _rows_kept(stream: Landed, scope: Scope) -> Iterator[Check]:
    """A day that is read again: platforms restate what a row says, they hardly ever take rows back."""
    yield no_rows(
        "restated_days_keep_their_rows",
        "select day, before.rows as rows_before, now.rows as rows_now from"
        f" (select day, rows from landed.loads where {is_of(stream)} and is_current and is_offered) as now join"
        f" (select day, max_by(rows, version) as rows from landed.loads where {is_of(stream)} and counts"
        f" and not is_offered group by day) as before using (day) where before.rows >= {MANY}"
        " and now.rows < before.rows / 2 order by day",
        expected="at least half of the rows that the same day had at its last load",
        why="a day that loses its rows when it is read again was read in part",
        next_step=again(scope, stream.source),
        severity="error" if is_daily(stream) else "warning",
    )


def _as_usual(stream: Landed, scope: Scope) -> Iterator[Check]:
    """By the median of the same weekday over the weeks before: of what was accepted earlier, or, for the run's own
    day in a first load, of what came with it."""
    given = _days_of_report(stream, scope) if stream.kind == "report" else _reads_of_entity(stream, scope)
    given += (
        ", judged as (select day, name from measured where is_new),"
        " past as (select now.day, now.name, median(measured.value) as usual, count(*) as weeks,"
        " mad(measured.value) as deviation from judged as now join measured on measured.name = now.name"
        f" and measured.day between now.day - {7 * WEEKS} and now.day - 7 and (now.day - measured.day) % 7 = 0"
        f" and (measured.is_old or now.day = date '{due(stream, scope.day)}') group by all"
        f" having count(*) >= {WEEKS_AT_LEAST})"
    )
    chosen = "from past join measured using (day, name)"
    mend = f"compare the day with the source's own page, then {again(scope, stream.source)}"
    yield no_rows(
        "as_much_as_usual",
        f"select day, name, value, usual {chosen} where greatest(value, usual) >= {MANY}"
        f" and abs(value - usual) > greatest({DEVIATIONS} * deviation, {BAND} * usual)",
        given=given,
        expected=f"rows and totals near the median of the same weekday in the {WEEKS} weeks before",
        why="a jump this large is more often a fault of the data than of the business",
        next_step=mend,
        severity="warning",
    )
    if is_daily(stream):
        yield no_rows(
            "not_near_zero",
            f"select day, name, value, usual {chosen} where split_part(name, ' ', 1) in ('rows', 'impressions')"
            f" and usual >= {MANY} and value < {NEAR_ZERO} * usual",
            given=given,
            expected=f"at least {NEAR_ZERO:.0%} of the usual rows of that weekday",
            why="next to nothing where there normally is much is a hole that looks like a bad day",
            next_step=mend,
        )


def _days_of_report(stream: Landed, scope: Scope) -> str:
    """`measured`: day, name, value. The due day stands there even where nothing has landed of it: that is none."""
    day = f"date '{due(stream, scope.day)}'"
    sums = [name for name in stream.totals if name in COUNTED]
    told = (
        " union all select day, is_offered, version, entry.key as name, cast(entry.value as double) as value from"
        " (select *, unnest(map_entries(json_transform(totals, '\"MAP(VARCHAR, VARCHAR)\"'))) as entry from loads)"
        f" where split_part(entry.key, ' ', 1) in ({', '.join(repr(name) for name in sums)})"
    )
    return (
        f"loads as (select day, is_offered, version, rows, cast(totals as varchar) as totals from landed.loads where"
        f" {is_of(stream)} and is_current and day <= {day}),"
        " told as (select day, is_offered, version, 'rows' as name, cast(rows as double) as value from loads"
        f"{told if sums else ''}), names as (select distinct name from told),"
        f" days as (select distinct day, is_offered, version from loads union all select {day}, true, 1"
        f" where not exists (select 1 from loads where day = {day})),"
        " measured as (select days.day, name, coalesce(value, 0) as value, not days.is_offered as is_old,"
        f" days.day = {day} or (days.is_offered and days.version = 1) as is_new"
        " from days cross join names left join told using (day, name))"
    )


def _reads_of_entity(stream: Landed, scope: Scope) -> str:
    """`measured`: what changed, by day of the window that was read; the first read takes in everything and tells
    nothing."""
    return (
        "measured as (select day, 'rows' as name, rows / (last_day - first_day + 1.0) as value,"
        f" not is_offered as is_old, day = date '{scope.day}' as is_new from landed.reads"
        f" where {is_of(stream)} and first_day is not null"
        " qualify sequence = max(sequence) over (partition by day))"
    )
