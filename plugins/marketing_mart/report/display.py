"""How figures are shown: rounded here and nowhere before."""

from decimal import Decimal

from marketing_mart.report.figures import Kpi, Unit

NOTHING = "\N{EN DASH}"
DECIMALS: dict[Unit, int] = {"money": 0, "price": 2, "count": 0, "times": 2, "share": 1}


def number(value: Decimal | int | None, unit: Unit, decimals: int | None = None) -> str:
    """Without its currency, which stands in the heading: `12,346`, `48.10`, `3.20`, `31.3 %`."""
    if value is None:
        return NOTHING
    decimals = DECIMALS[unit] if decimals is None else decimals
    shown = f"{Decimal(value) * (100 if unit == 'share' else 1):,.{decimals}f}"
    if not shown.strip("-0.,"):
        shown = shown.lstrip("-")  # no minus zero
    shown = shown.replace("-", "\N{MINUS SIGN}")
    return f"{shown} %" if unit == "share" else shown


def rough(value: float | None) -> str:
    """A figure of any unit to three digits, large ones whole: `0.0312`, `48.1`, `12,346`."""
    if value is None:
        return NOTHING
    return (f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}").replace("-", "\N{MINUS SIGN}")


def heading(kpi: Kpi, currency: str) -> str:
    """The label with its unit, for a column or a row."""
    return f"{kpi.label}, {currency}" if kpi.unit in ("money", "price") else kpi.label


def change(value: Decimal | None) -> str:
    """A growth rate with its direction in front, so that colour is never needed to read it."""
    if value is None:
        return NOTHING
    rounded = round(value * 100, 1)
    arrow = "▲" if rounded > 0 else "▼" if rounded < 0 else "="
    return f"{arrow} {abs(rounded):,.1f} %"


def verdict(kpi: Kpi, value: Decimal | None) -> str:
    """good, bad or even: the class that colours a change."""
    if value is None or kpi.better == "neither" or not round(value * 100, 1):
        return "even"
    return "good" if (value > 0) == (kpi.better == "higher") else "bad"
