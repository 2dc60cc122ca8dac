"""How a value of a file becomes one of the landed type: SQL that gives null where it can't.

Strict and whole: a value is read in full or is bad. Texts are already trimmed, with '' and NaN as null (`readable`),
so a null of the result is a bad value wherever the input is not null.
"""

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from marketing_mart.connectors.files import currencies
from marketing_mart.connectors.files.columns import Column

EXPECTED = {
    "text": "a text",
    "url": "a text",
    "count": "a whole number",
    "amount": "an amount (digits with a point, at most 12 before and 6 after it)",
    "number": "a number (digits with a point, at most 12 before and 6 after it)",
    "rate": "a rate (digits with a point, at most 8 before and 10 after it)",
    "day": "a day (like 2025-06-30)",
    "month": "a month (like 2025-06)",
    "instant": "a time (like 2025-06-30 14:05:00 or 2025-06-30T14:05:00+02:00)",
    "flag": "true or false",
    "currency": "a currency of ISO 4217 (like EUR)",
    "email": "a text",
    "phone": "a text",
}

_DECIMAL = {"amount": (12, 6), "number": (12, 6), "rate": (8, 10)}  # digits before and after the point
_YEAR = r"(?:19|20|21)\d{2}"
_EMAIL_INSIDE = r"[A-Za-z0-9._%+-]+(?:@|%40)[A-Za-z0-9.-]+\.[A-Za-z]{2,}"
_OFFSET = r"(?:Z|[+-]\d{2}(?::?\d{2})?)"
_INSTANT = rf"{_YEAR}-\d{{2}}-\d{{2}}(?:[T ]\d{{2}}:\d{{2}}(?::\d{{2}}(?:\.\d{{1,9}})?)?{_OFFSET}?)?"
_WHOLE_FLOAT = "{c} = trunc({c}) and abs({c}) < 1e15"
_MIDNIGHT = "{c} = date_trunc('day', {c})"


def readable(array: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column in one of the few types that `family` names, with what means "no value" as null."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        array = array.cast(kind.value_type)
        kind = array.type
    if pa.types.is_null(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        array = array.cast(pa.string())
    if pa.types.is_string(array.type):
        array = pc.utf8_trim_whitespace(array)
        return pc.if_else(pc.equal(array, ""), pa.scalar(None, pa.string()), array)
    if pa.types.is_floating(kind):
        array = array.cast(pa.float64())
        return pc.if_else(pc.is_nan(array), pa.scalar(None, pa.float64()), array)
    if pa.types.is_timestamp(kind):
        return array.cast(pa.timestamp("us", tz=kind.tz), safe=False)  # what is finer than a microsecond goes
    return array.cast(pa.date32()) if pa.types.is_date64(kind) else array


def family(kind: pa.DataType) -> str:
    """The types that are read alike; the type's own name where no column can be read from it."""
    tests: dict[str, Callable[[pa.DataType], bool]] = {
        "text": pa.types.is_string,
        "integer": pa.types.is_integer,
        "float": pa.types.is_floating,
        "decimal": lambda t: pa.types.is_decimal(t) and t.precision <= 38,  # more digits DuckDB does not read
        "flag": pa.types.is_boolean,
        "day": pa.types.is_date,
        "local": lambda t: pa.types.is_timestamp(t) and t.tz is None,
        "instant": lambda t: pa.types.is_timestamp(t) and t.tz is not None,
    }
    return next((name for name, is_one in tests.items() if is_one(kind)), str(kind))


def expression(column: Column, kind: pa.DataType, c: str, *, zone: str, currency: str | None) -> str | None:
    """SQL for a column whose quoted name, one of ours, is `c`; None where no value of that type could be right.

    `zone`: SQL literal of the reporting zone. `currency`: the quoted text column of the row's currency, if any.
    """
    of = family(kind)
    if column.kind in _DECIMAL:
        return _decimal(column, of, c, currency)
    template = _TEMPLATES.get((column.kind, of))
    return template.replace("{c}", c).replace("{zone}", zone) if template else None


def without_emails(sql: str) -> str:
    """Addresses inside a longer text (a link's parameters) taken out."""
    removed = f"regexp_replace({sql}, '{_EMAIL_INSIDE}', '(removed)', 'g')"
    return f"case when contains({sql}, '@') or contains({sql}, '%40') then {removed} else {sql} end"


def shown(value: object) -> str:
    """For messages: a value, cut where it gets long, and not at all where it may be an address."""
    text = repr(value) if isinstance(value, str) else str(value)
    return "(hidden)" if "@" in text or "%40" in text else text[:60]


def _decimal(column: Column, of: str, c: str, currency: str | None) -> str | None:
    before, after = _DECIMAL[column.kind]
    target = f"decimal(18, {after})"
    if of == "text":
        pattern = rf"[+-]?(?:\d{{1,{before}}}(?:\.\d{{0,{after}}})?|\.\d{{1,{after}}})"
        return f"case when regexp_full_match({c}, '{pattern}') then try_cast({c} as {target}) end"
    if of == "integer":
        return f"try_cast({c} as {target})"
    if of == "decimal":
        return f"case when try_cast({c} as {target}) = {c} then try_cast({c} as {target}) end"
    if of != "float":
        return None
    if column.kind != "amount" or currency is None:
        return f"try_cast({c} as {target})"
    rounded = " ".join(
        f"when upper({currency}) in ({_texts(codes)}) then try_cast(try_cast({c} as decimal(18, {digits})) as {target})"
        for digits, codes in currencies.unusual_minor_units().items()
    )
    return f"case {rounded} else try_cast(try_cast({c} as decimal(18, {currencies.USUAL_MINOR_UNIT})) as {target}) end"


def _texts(values: list[str] | tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _matching(pattern: str, then: str, subject: str = "{c}") -> str:
    return f"case when regexp_full_match({subject}, '{pattern}') then {then} end"


def _of_our_time(day: str, then: str) -> str:
    return f"case when year({day}) between 1900 and 2199 then {then} end"


_NORMAL_INSTANT = "upper({c})"
for _spelling, _normal in ((",", "."), ("UTC", "Z"), (" Z", "Z"), (" +", "+"), (" -", "-")):
    _NORMAL_INSTANT = f"replace({_NORMAL_INSTANT}, '{_spelling}', '{_normal}')"
# 'YYYY-MM-DDTHH:MM' is 16 long; DuckDB reads an offset only behind seconds, and without a blank before it
_TEXT_INSTANT = _matching(
    _INSTANT,
    f"case when regexp_matches(substr({_NORMAL_INSTANT}, 17), 'Z|[+-]') then try_cast(regexp_replace("
    f"{_NORMAL_INSTANT}, '^(.{{16}})(Z|[+-].*)$', '\\1:00\\2') as timestamptz)"
    f" else timezone({{zone}}, try_cast({_NORMAL_INSTANT} as timestamp)) end",
    _NORMAL_INSTANT,
)
_TEXT_FLAG = (
    "case when lower({c}) in ('true', 'yes', '1') then true when lower({c}) in ('false', 'no', '0') then false end"
)
_NUMBER_FLAG = "case {c} when 1 then true when 0 then false end"
_FIRST_DAY = "case when day({c}) = 1 and {c} = date_trunc('day', {c}) then cast({c} as date) end"

_TEMPLATES = {
    ("text", "text"): "{c}",
    ("text", "integer"): "cast({c} as varchar)",
    ("text", "float"): f"case when {_WHOLE_FLOAT} then cast(cast({{c}} as bigint) as varchar) end",
    ("text", "decimal"): "cast({c} as varchar)",
    ("text", "day"): "cast({c} as varchar)",
    ("url", "text"): without_emails("{c}"),
    ("count", "text"): _matching(r"[+-]?\d{1,18}(?:\.0+)?", "try_cast(split_part({c}, '.', 1) as bigint)"),
    ("count", "integer"): "try_cast({c} as bigint)",
    ("count", "float"): f"case when {_WHOLE_FLOAT} then cast({{c}} as bigint) end",
    ("count", "decimal"): "case when {c} = trunc({c}) then try_cast({c} as bigint) end",
    ("day", "text"): _matching(rf"{_YEAR}-\d{{2}}-\d{{2}}", "try_cast({c} as date)"),
    ("day", "day"): _of_our_time("{c}", "{c}"),
    ("day", "local"): _of_our_time("{c}", f"case when {_MIDNIGHT} then cast({{c}} as date) end"),
    ("month", "text"): _matching(rf"{_YEAR}-\d{{2}}(?:-01)?", "try_cast(substr({c}, 1, 7) || '-01' as date)"),
    ("month", "day"): _of_our_time("{c}", _FIRST_DAY),
    ("month", "local"): _of_our_time("{c}", _FIRST_DAY),
    ("instant", "text"): _TEXT_INSTANT,
    ("instant", "day"): _of_our_time("{c}", "timezone({zone}, cast({c} as timestamp))"),
    ("instant", "local"): _of_our_time("{c}", "timezone({zone}, {c})"),
    ("instant", "instant"): _of_our_time("{c}", "{c}"),
    ("flag", "text"): _TEXT_FLAG,
    ("flag", "flag"): "{c}",
    ("flag", "integer"): _NUMBER_FLAG,
    ("flag", "float"): _NUMBER_FLAG,
    ("currency", "text"): f"case when upper({{c}}) in ({_texts(currencies.codes())}) then upper({{c}}) end",
    ("email", "text"): "{c}",
    ("phone", "text"): "{c}",
    ("phone", "integer"): "cast({c} as varchar)",
}
