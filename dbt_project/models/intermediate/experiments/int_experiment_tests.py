"""Each variant against the control of its experiment: difference, 95 % interval, p-value, and the ratio of the samples.

- A rate: two-proportion z test, pooled for the p-value, unpooled for the interval (NIST/SEMATECH e-Handbook of
  Statistical Methods, 7.3.3; Agresti, Categorical Data Analysis, 3rd edition, 3.1).
- An amount per person: Welch's t test with the Welch-Satterthwaite degrees of freedom (Welch 1947, Biometrika 34,
  28-35; NIST 7.3.1.3).
- Sample ratio: chi-square against arms of equal size (NIST 1.3.5.15; Fabijan and others 2019, "Diagnosing Sample Ratio
  Mismatch in Online Controlled Experiments").

Only sums come in, and they are exact, so the order of persons can't change a digit.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import groupby
from typing import Any, NamedTuple

import pyarrow as pa
from scipy.special import chdtrc, ndtr, ndtri, stdtr, stdtrit

CONFIDENCE = 0.95
DIGITS = 12  # of what is told: beyond them libraries differ
AMOUNTS = {"revenue_per_person"}
SCHEMA = pa.schema(
    [
        ("experiment", pa.string()),
        ("variant", pa.string()),
        ("metric", pa.string()),
        ("control_variant", pa.string()),
        ("rate", pa.float64()),
        ("control_rate", pa.float64()),
        ("difference", pa.float64()),
        ("difference_low", pa.float64()),
        ("difference_high", pa.float64()),
        ("p_value", pa.float64()),
        ("sample_ratio_p_value", pa.float64()),
        ("is_small_sample", pa.bool_()),
    ]
)


class Sums(NamedTuple):
    """What is known of one variant: persons, sum of their values, sum of the squares."""

    n: int
    total: Fraction
    squares: Fraction

    @property
    def mean(self) -> Fraction:
        return self.total / self.n

    @property
    def variance(self) -> Fraction:
        """Of the sample; needs two persons."""
        return (self.squares - self.total**2 / self.n) / (self.n - 1)


class Told(NamedTuple):
    """Half the interval's width and the two-sided p-value; None where the sums can't tell."""

    margin: float | None
    p_value: float | None


def model(dbt: Any, session: Any) -> pa.Table:
    rows = dbt.ref("int_experiment_sums").order("experiment, metric, variant").to_arrow_table().to_pylist()
    return pa.Table.from_pylist(list(compared(rows)), schema=SCHEMA)


def compared(rows: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """A row per variant, in the order they came; rows of an experiment and metric must stand together."""
    for (experiment, metric), group in groupby(rows, key=lambda row: (row["experiment"], row["metric"])):
        arms = {row["variant"]: _sums(row) for row in group}
        control = control_of(arms)
        ratio = sample_ratio([arm.n for arm in arms.values()])
        for variant, arm in arms.items():
            row = {"experiment": experiment, "variant": variant, "metric": metric, "control_variant": control}
            row |= {"rate": _rounded(arm.mean), "control_rate": _rounded(arms[control].mean)}
            row |= {"sample_ratio_p_value": _rounded(ratio)}
            yield row if variant == control else row | _difference(metric, arms[control], arm)


def control_of(variants: Iterable[str]) -> str:
    """The variant called control, in whatever case, else the first by name."""
    return min(variants, key=lambda variant: (variant.lower() != "control", variant))


def two_proportions(control: Sums, arm: Sums) -> Told:
    """Values are 0 or 1. No p-value where all or none converted."""
    pooled = (control.total + arm.total) / (control.n + arm.n)
    spread = float(pooled * (1 - pooled) * (Fraction(1, control.n) + Fraction(1, arm.n))) ** 0.5
    p, q = control.mean, arm.mean
    apart = float(p * (1 - p) / control.n + q * (1 - q) / arm.n) ** 0.5
    if not spread:
        return Told(None, None)
    return Told(float(ndtri((1 + CONFIDENCE) / 2)) * apart, 2 * float(ndtr(-abs(float(q - p)) / spread)))


def welch(control: Sums, arm: Sums) -> Told:
    """Needs two persons on each side and any variance."""
    if min(control.n, arm.n) < 2:
        return Told(None, None)
    one, other = control.variance / control.n, arm.variance / arm.n
    if not one + other:
        return Told(None, None)
    freedom = float((one + other) ** 2 / (one**2 / (control.n - 1) + other**2 / (arm.n - 1)))
    spread = float(one + other) ** 0.5
    t = abs(float(arm.mean - control.mean)) / spread
    return Told(float(stdtrit(freedom, (1 + CONFIDENCE) / 2)) * spread, 2 * float(stdtr(freedom, -t)))


def sample_ratio(sizes: Sequence[int]) -> float | None:
    """How likely samples as unequal as these are, had the arms been meant to be equal; None for a single arm."""
    if len(sizes) < 2:
        return None
    mean = Fraction(sum(sizes), len(sizes))
    return float(chdtrc(len(sizes) - 1, float(sum((size - mean) ** 2 for size in sizes) / mean)))


def is_small(metric: str, control: Sums, arm: Sums) -> bool:
    """Too few for the normal approximation: 5 expected of each kind in a rate, 30 persons for a mean."""
    if metric in AMOUNTS:
        return min(control.n, arm.n) < 30
    pooled = (control.total + arm.total) / (control.n + arm.n)
    return min(control.n, arm.n) * min(pooled, 1 - pooled) < 5


def _difference(metric: str, control: Sums, arm: Sums) -> dict[str, Any]:
    told = welch(control, arm) if metric in AMOUNTS else two_proportions(control, arm)
    difference = float(arm.mean - control.mean)
    return {
        "difference": _rounded(difference),
        "difference_low": None if told.margin is None else _rounded(difference - told.margin),
        "difference_high": None if told.margin is None else _rounded(difference + told.margin),
        "p_value": _rounded(told.p_value),
        "is_small_sample": is_small(metric, control, arm),
    }


def _sums(row: dict[str, Any]) -> Sums:
    return Sums(row["exposures"], Fraction(row["total"]), Fraction(row["total_of_squares"]))


def _rounded(value: Fraction | float | None) -> float | None:
    return None if value is None else round(float(value), DIGITS)
