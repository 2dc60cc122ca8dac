"""Has the source changed what it sends? New columns are kept and told of; a column that fell silent, or a value outside
its range, stops the load. (A column that is gone, or of another type, does not even land: the connector refuses it.)
"""

from collections.abc import Iterator

from expectations.base import Check, Landed, Scope, no_rows
from expectations.kinds import again, name_of, table

EXTRA = "_extra"
ENOUGH = 20  # rows, of which a column that is usually filled can't be empty by chance
USUALLY = 0.9
# (stream, name of the check) -> the rows that can't be right, and what is right
RANGES = {
    ("files__fx_rates", "rate_above_0"): ("rate <= 0", "rate > 0"),
    ("files__promotions", "discount_rate_is_a_share"): (
        "discount_rate < 0 or discount_rate > 1", "discount_rate between 0 and 1",
    ),
    ("files__promotions", "ends_after_it_starts"): ("ends_on < starts_on", "starts_on <= ends_on"),
    ("files__email_campaigns", "no_more_delivered_than_sent"): ("delivered > recipients", "delivered <= recipients"),
}  # fmt: skip


def columns(stream: Landed, scope: Scope) -> Iterator[Check]:
    names = [field.name for field in stream.schema]
    mend = again(scope, stream.source)
    if f"before.{name_of(stream)}" in scope.tables:
        yield _still_filled(stream, [name for name in names if name not in (*stream.key, EXTRA)], mend)
    for (of, name), (wrong, right) in RANGES.items():
        if of == name_of(stream):
            yield no_rows(
                name,
                f"select * from batch where {wrong}",
                expected=right,
                why="a value outside its range is a mistake of the file, and every figure made of it is wrong",
                next_step=f"mend the file, then {mend}",
            )


def nothing_new(source: str, scope: Scope) -> Iterator[Check]:
    """On `landed.reads`, of all streams of a source at once."""
    streams = [one for one in scope.streams if EXTRA in {field.name for field in one.schema}]
    each = " union all ".join(
        f"select '{one.name}' as stream, unnest(json_keys({EXTRA})) as new_column from {table(one)}"
        f" where {EXTRA} is not null"
        for one in streams
    )
    if each:
        yield no_rows(
            f"columns_of_{source}_known",
            f"select stream, new_column, count(*) as rows_with_it from ({each}) group by all order by all",
            expected="the columns that are declared, and no other",
            why=f"the source sends something new: it is kept in {EXTRA} and in no table of the mart",
            next_step=f"declare the column in the connector of {source} if it is wanted; nothing is blocked",
            severity="warning",
        )


def _still_filled(stream: Landed, names: list[str], mend: str) -> Check:
    """A vendor that renames a field sends the old one no more, which looks like a value that nobody has."""
    counts = ", ".join(f'count("{name}") as "{name}"' for name in names)
    each = " union all ".join(
        f"select '{name}' as silent_column, was.\"{name}\" as filled_before, was.all_rows as of_rows_before"
        f' from now, was where now."{name}" = 0 and was."{name}" >= {USUALLY} * was.all_rows'
        for name in names
    )
    return no_rows(
        "columns_still_filled",
        f"select each.* from ({each}) as each, now, was where now.all_rows >= {ENOUGH} and was.all_rows >= {ENOUGH}",
        given=f"now as (select count(*) as all_rows, {counts} from batch),"
        f" was as (select count(*) as all_rows, {counts} from before.{name_of(stream)})",
        expected=f"a value in some row of every column that nine of ten rows had before ({ENOUGH} rows at least)",
        why="a column that falls silent was renamed or taken away at the source",
        next_step=f"see what the source calls it now, mend the connector, then {mend}",
    )
