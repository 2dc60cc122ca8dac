"""The candidate against the current release: what readers were told must not change without a reason.

A reason is a load: fct_restatements tells what each load changed. Where the models or their settings have changed
since the release, numbers may move without one: then these checks warn instead of stopping the run.
"""

from collections.abc import Iterator

from expectations.base import Check, Scope, Severity, no_rows

FALLS: tuple[tuple[float, Severity], ...] = ((0.05, "warning"), (0.5, "error"))
LEDGER = "mart.fct_restatements"
KEPT_IN_LEDGER = ("spend", "net_revenue", "orders")
# Rows in quarantine are in the ledger and in no KPI, so the two may move apart by what is in it.
TOLERANCE = "0.0001"
# These also move when persons are joined or a deal is corrected, of which the ledger tells nothing.
CLOSED_AFTER_DAYS, CLOSED_MOVE, CLOSED_FEW = 90, "0.02", 5
MOVED_BY_PERSONS = ("new_customers", "leads", "won_deals")


def comparable(table: str, scope: Scope) -> bool:
    """A fact of both, with the columns that rows are counted by. A view has its rows from tables."""
    needed = {"source", "date_day"}
    here, released = scope.tables.get(table, {}), scope.released.get(table, {})
    return table.startswith("mart.fct_") and table not in scope.views and needed <= here.keys() & released.keys()


def not_falling(table: str, scope: Scope) -> Iterator[Check]:
    on = ", ".join(f"'{source}'" for source in scope.sources)
    same = f"date_day between date '{scope.kpi_start}' and date '{scope.day}' and source in ({on})"
    for share, severity in FALLS:
        yield no_rows(
            f"rows_not_fallen_by_{share:.0%}".replace("%", "_percent"),
            f"select source, released, candidate from (select source, count(*) as released from released.{table}"
            f" where {same} group by source) left join (select source, count(*) as candidate from batch"
            f" where {same} group by source) using (source) where coalesce(candidate, 0) < released * (1 - {share})",
            expected=f"not {share:.0%} fewer rows of the same days than the current release has",
            why="history doesn't shrink by itself: rows were lost, or a model now drops them",
            next_step=f"compare the two counts in the sample, mend the model, then make run MART_DATE={scope.day}",
            severity=severity,
        )


def moves(daily: str, scope: Scope) -> Iterator[Check]:
    """How far the days of kpi_daily may move."""
    if not {"date_day", *KEPT_IN_LEDGER, *MOVED_BY_PERSONS} <= scope.released.get(daily, {}).keys():
        return
    if LEDGER in scope.tables and LEDGER in scope.released:
        yield _as_restated(daily, scope)
    yield _closed(daily, scope)


def _as_restated(daily: str, scope: Scope) -> Check:
    """What the loads since the release changed of a day, over all sources and currencies, is how far it may move."""
    current = "select source, date_day, metric, currency, {sign}coalesce(value, 0) as value from {table} where"
    current += " is_current and is_accepted"
    return no_rows(
        "moved_only_as_restated",
        "select date_day, metric, released, candidate, coalesce(restated, 0) as restated"
        " from moved left join restated using (date_day, metric)"
        " where candidate is null"
        f" or abs(candidate - released) > coalesce(restated, 0) + {TOLERANCE} * abs(released)",
        given=f"moved as ({_moved(daily, KEPT_IN_LEDGER)}),"
        " restated as (select date_day, metric, sum(abs(value)) as restated from (select source, date_day, metric,"
        f" currency, sum(value) as value from ({current.format(sign='', table=f'{scope.catalog}.{LEDGER}')} union all"
        f" {current.format(sign='-', table=f'released.{LEDGER}')}) group by all) group by all)",
        expected=f"{', '.join(KEPT_IN_LEDGER)} of a day move only as far as loads since the release restated it",
        why="a number that people have seen changed, and no source says that it did",
        next_step="compare the day's rows of fct_restatements in release and candidate; a model or a rate moved it."
        f" Mend it, then make run MART_DATE={scope.day}",
        severity="error" if scope.same_models else "warning",
    )


def _closed(daily: str, scope: Scope) -> Check:
    return no_rows(
        "closed_days_stand",
        "select date_day, metric, released, candidate from moved"
        f" where date_day < date '{scope.day}' - {CLOSED_AFTER_DAYS} and (candidate is null"
        f" or abs(candidate - released) > greatest({CLOSED_FEW}, {CLOSED_MOVE} * released))",
        given=f"moved as ({_moved(daily, MOVED_BY_PERSONS)})",
        expected=f"{', '.join(MOVED_BY_PERSONS)} of days before the last {CLOSED_AFTER_DAYS} within"
        f" {float(CLOSED_MOVE):.0%} (or {CLOSED_FEW}) of the release",
        why="late merges of persons and corrected deals move such a day a little; a lot is a fault of the links",
        next_step="look at int_persons and identity settings (docs/identity.md) before people ask; nothing is blocked",
        severity="warning",
    )


def _moved(daily: str, metrics: tuple[str, ...]) -> str:
    """Days whose value differs from the release's. What the release did not know (null) nobody was told."""
    return " union all ".join(
        f"select date_day, '{metric}' as metric, before.{metric} as released, now.{metric} as candidate"
        f" from batch as now join released.{daily} as before using (date_day)"
        f" where before.{metric} is not null and now.{metric} is distinct from before.{metric}"
        for metric in metrics
    )
