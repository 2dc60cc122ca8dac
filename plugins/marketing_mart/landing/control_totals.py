"""What a day's rows sum up to, kept with the load: what the day told once is known without reading its files again."""

from datetime import date

import duckdb

from marketing_mart.landing.sql import literal, quoted
from marketing_mart.streams import Claims, Stream, Window


def control_totals(engine: duckdb.DuckDBPyConnection, stream: Stream, window: Window) -> dict[date, dict[str, str]]:
    """day -> {name: sum as text}, of the rows in the view `kept`; a sum of nulls alone has no name.

    The name is the column's ("spend"), of declared claims with kind and window ("conversions:omni_purchase:7d_click"),
    and where the stream has a currency it follows after a space ("spend EUR").
    """
    sums = {column: f"sum({quoted(column)})" for column in stream.totals}
    if stream.claims and stream.claims.declared:
        sums |= _declared(stream.claims)
    if not sums:
        return {}
    day = quoted(stream.day) if stream.kind == "report" else f"date {literal(str(window.last))}"
    currency = "coalesce(currency, '')" if "currency" in stream.schema.names else "''"
    values = ", ".join(f"cast({value} as varchar)" for value in sums.values())
    query = f"select {day} as day, {currency} as code, {values} from kept group by day, code order by day, code"
    totals: dict[date, dict[str, str]] = {}
    for of_day, code, *found in engine.execute(query).fetchall():
        told = {f"{name} {code}".strip(): value for name, value in zip(sums, found, strict=True) if value is not None}
        totals.setdefault(of_day, {}).update(told)
    return totals


def _declared(claims: Claims) -> dict[str, str]:
    """Rows without such a claim are zero, not unknown: the platform was asked for all of them."""
    kind, window = claims.declared
    place = f"item.{quoted(claims.kind)}" if claims.within else quoted(claims.kind)
    condition = f"lower({place}) = {literal(kind.lower())}"
    if claims.window:
        place = f"item.{quoted(claims.window)}" if claims.within else quoted(claims.window)
        condition += f" and coalesce({place}, '') = {literal(window)}"
    return {
        f"{name}:{kind}:{window}": f"sum(coalesce({_of_row(claims, column, condition)}, 0))"
        for name, column in (("conversions", claims.conversions), ("conversions_value", claims.value))
    }


def _of_row(claims: Claims, column: str, condition: str) -> str:
    if claims.within:
        return f"list_sum([item.{quoted(column)} for item in {quoted(claims.within)} if {condition}])"
    return f"case when {condition} then {quoted(column)} end"
