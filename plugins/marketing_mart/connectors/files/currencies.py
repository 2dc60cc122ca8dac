"""Currency codes and their minor units: ISO 4217, list one ("Minor unit") and list three for historic codes."""

from functools import cache

from babel.numbers import list_currencies

# Babel's own digits follow what is usual in print, which for some currencies is less than ISO 4217 has
_NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DIGITS = "CLF UYW"
USUAL_MINOR_UNIT = 2
_NO_CURRENCY = {"XXX", "XTS"}  # "no currency" and the code for tests


@cache
def codes() -> tuple[str, ...]:
    """Every code that an amount may have, sorted."""
    return tuple(sorted(list_currencies() - _NO_CURRENCY))


def unusual_minor_units() -> dict[int, list[str]]:
    """Digits after the point -> codes, for those that don't have two."""
    return {0: _NO_DIGITS.split(), 3: _THREE_DIGITS.split(), 4: _FOUR_DIGITS.split()}
