"""Numbers of the day that are possible and yet unlikely. Bands are relative to the days before, so that they hold in
any currency and at any size; all of them warn, none stops a run."""

from collections.abc import Iterator

from expectations.base import Check, Scope, no_rows

BAND = 5  # times, or one part of, what is usual
USUAL_DAYS, USUAL_AT_LEAST = 28, 14
FEW_ORDERS = 10  # a day: with fewer, a ratio over a channel's orders leaves any band by chance
UNKNOWN_SHARE = {"(unattributed)": ("orders", 0.5), "Unassigned": ("sessions", 0.2)}


def usual(scope: Scope, columns: tuple[str, ...], *, by: str = "", many_orders: bool = False) -> Iterator[Check]:
    """Each column on the day against its median of the days before; `by`: for each channel alone; `many_orders`:
    only where there usually are many."""
    day = f"date '{scope.day}'"
    group, shown = (f" group by {by}", f"{by}, ") if by else ("", "")
    same = f" and now.{by} = past.{by}" if by else ""
    many = f" and median(orders) >= {FEW_ORDERS}" if many_orders else ""
    for column in columns:
        yield no_rows(
            f"{column}_usual",
            f"select now.date_day, {'now.' + shown if by else ''}now.{column}, past.usual from batch as now, past"
            f" where now.date_day = {day}{same}"
            f" and (now.{column} > past.usual * {BAND} or now.{column} < past.usual / {BAND})",
            given=f"past as (select {shown}median({column}) as usual from batch where date_day between"
            f" {day} - {USUAL_DAYS} and {day} - 1{group} having count({column}) >= {USUAL_AT_LEAST}{many})",
            expected=f"{column} within 1/{BAND} to {BAND} times its median of the {USUAL_DAYS} days before"
            + (f" (of channels with {FEW_ORDERS} orders a day)" if many_orders else ""),
            why="a jump this large is more often a fault of the data than of the market",
            next_step="compare the day with the platform's own page; nothing is blocked",
            severity="warning",
        )


def known_channels(scope: Scope) -> Iterator[Check]:
    for channel, (metric, most) in UNKNOWN_SHARE.items():
        yield no_rows(
            f"{metric}_of_known_channel",
            f"select sum({metric}) filter (where channel = '{channel}') as unknown, sum({metric}) as all_{metric}"
            f" from batch where date_day > date '{scope.day}' - {USUAL_DAYS}"
            f" having sum({metric}) filter (where channel = '{channel}') > {most} * sum({metric})",
            expected=f"at most {most:.0%} of {metric} in channel {channel} over {USUAL_DAYS} days",
            why="channels can't be compared where most of the business belongs to none",
            next_step="add rules to `channels:` in config/mart.yml, or see that the tracker passes customer ids",
            severity="warning",
        )
