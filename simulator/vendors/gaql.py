"""The Google Ads Query Language, as far as reports need it: text -> `Query`, or `QueryError`.

Grammar: https://developers.google.com/google-ads/api/docs/query/grammar
    SELECT field, … FROM resource [WHERE condition AND …] [ORDER BY field [ASC|DESC], …] [LIMIT n] [PARAMETERS …]
Operators left out (DURING, LIKE, REGEXP_MATCH, CONTAINS …, IS NULL) are refused, never ignored.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?: (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*") | (?P<symbol>!=|>=|<=|[(),=<>])
             | (?P<word>[A-Za-z0-9_.+\-/]+) )""",
    re.VERBOSE,
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    "IN": lambda left, right: left in right,
    "NOT IN": lambda left, right: left not in right,
    "BETWEEN": lambda left, right: right[0] <= left <= right[1],
}


class QueryError(Exception):
    """A query that Google would refuse; `code` is a name of its QueryErrorEnum."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Condition:
    """`values` has one value, two for BETWEEN, any number for IN; all still as written, unquoted."""

    field: str
    operator: str
    values: tuple[str, ...]

    def holds(self, value: Any, read: Callable[[str], Any]) -> bool:
        """Whether `value` of a row passes; `read` turns the written operand into the field's type."""
        operands = [read(text) for text in self.values]
        single = self.operator not in ("IN", "NOT IN", "BETWEEN")
        return _COMPARE[self.operator](value, operands[0] if single else operands)


@dataclass(frozen=True)
class Query:
    select: tuple[str, ...]
    resource: str
    where: tuple[Condition, ...]
    order_by: tuple[tuple[str, bool], ...]  # field, is it descending
    limit: int | None


class _Tokens:
    """A cursor over the query's words. Keywords compare without case; strings keep their quotes off."""

    def __init__(self, text: str) -> None:
        self.items: list[tuple[str, bool]] = []  # text, was it quoted
        position, end = 0, len(text.rstrip())
        while position < end:
            match = _TOKEN.match(text, position)
            if match is None:
                raise QueryError("BAD_SYMBOL", f"Error in query: unexpected input {text[position:].strip()[:1]}.")
            quoted = match.group("text")
            word = re.sub(r"\\(.)", r"\1", quoted[1:-1]) if quoted else match.group().strip()
            self.items.append((word, bool(quoted)))
            position = match.end()
        self.at = 0

    def next(self) -> tuple[str, bool]:
        if self.at == len(self.items):
            raise QueryError("UNEXPECTED_END_OF_QUERY", "Error in query: unexpected end of query.")
        self.at += 1
        return self.items[self.at - 1]

    def word(self) -> str:
        return self.next()[0]

    def sees(self, *keywords: str) -> bool:
        """Whether these keywords come next; if so they are taken."""
        ahead = self.items[self.at : self.at + len(keywords)]
        if [(text.upper(), quoted) for text, quoted in ahead] != [(keyword, False) for keyword in keywords]:
            return False
        self.at += len(keywords)
        return True

    @property
    def is_done(self) -> bool:
        return self.at == len(self.items)


def parse(text: str) -> Query:
    tokens = _Tokens(text)
    if not tokens.sees("SELECT"):
        raise QueryError("EXPECTED_SELECT", "Error in query: query must start with the SELECT keyword.")
    select = [tokens.word()]
    while tokens.sees(","):
        select.append(tokens.word())
    if not tokens.sees("FROM"):
        raise QueryError("EXPECTED_FROM", "Error in query: the FROM clause is missing or in the wrong place.")
    resource = tokens.word()
    where = _conditions(tokens) if tokens.sees("WHERE") else ()
    order_by = _order(tokens) if tokens.sees("ORDER", "BY") else ()
    limit = _limit(tokens.word()) if tokens.sees("LIMIT") else None
    if tokens.sees("PARAMETERS"):  # switches such as include_drafts=true: nothing here depends on them
        tokens.at = len(tokens.items)
    if not tokens.is_done:
        raise QueryError("UNEXPECTED_INPUT", f"Error in query: unexpected input {tokens.word()}.")
    return Query(tuple(select), resource, where, order_by, limit)


def _conditions(tokens: _Tokens) -> tuple[Condition, ...]:
    found = [_condition(tokens)]
    while tokens.sees("AND"):
        found.append(_condition(tokens))
    return tuple(found)


def _condition(tokens: _Tokens) -> Condition:
    field = tokens.word()
    operator = "NOT IN" if tokens.sees("NOT", "IN") else tokens.word().upper()
    if operator not in _COMPARE:
        raise QueryError("BAD_OPERATOR", f"Error in query: unknown operator {operator} on '{field}'.")
    if operator == "BETWEEN":
        low = tokens.word()
        if not tokens.sees("AND"):
            raise QueryError("EXPECTED_VALUE_WITH_BETWEEN_OPERATOR", "Error in query: BETWEEN needs two values.")
        return Condition(field, operator, (low, tokens.word()))
    if operator in ("IN", "NOT IN"):
        if not tokens.sees("("):
            raise QueryError("EXPECTED_LIST", f"Error in query: {operator} needs a list.")
        values = [tokens.word()]
        while tokens.sees(","):
            values.append(tokens.word())
        if not tokens.sees(")"):
            raise QueryError("EXPECTED_LIST", f"Error in query: the list of {operator} does not end.")
        return Condition(field, operator, tuple(values))
    return Condition(field, operator, (tokens.word(),))


def _order(tokens: _Tokens) -> tuple[tuple[str, bool], ...]:
    found = []
    while True:
        field = tokens.word()
        descending = tokens.sees("DESC")
        if not descending:
            tokens.sees("ASC")
        found.append((field, descending))
        if not tokens.sees(","):
            return tuple(found)


def _limit(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise QueryError("BAD_LIMIT_VALUE", f"Error in query: invalid LIMIT {text}.")
    return int(text)
