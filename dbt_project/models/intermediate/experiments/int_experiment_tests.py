"""Each variant against its control: 95 % interval of the difference and p-value.

- A rate: two-proportion z test, pooled for the p-value, unpooled for the interval (NIST/SEMATECH e-Handbook of
  Statistical Methods, 7.3.3; Agresti, Categorical Data Analysis, 3rd edition, 3.1).
- An amount per person: Welch's t test with the Welch-Satterthwaite degrees of freedom (Welch 1947, Biometrika 34,
  28-35; NIST 7.3.1.3).

Only sums come in, and they are exact, so the order of persons can't change a digit.
"""

from fractions import Fraction
from typing import Any, NamedTuple

import pyarrow as pa
from scipy.special import ndtr, ndtri, stdtr, stdtrit

UPPER = 0.975  # of the 95 % interval
DIGITS = 12  # of what is told: beyond them libraries differ
AMOUNTS = ("revenue_per_person",)
KEYS = ("experiment", "variant", "metric")
NUMBERS = ("difference_low", "difference_high", "p_value")
SCHEMA = pa.schema([*((name, pa.string()) for name in KEYS), *((name, pa.float64()) for name in NUMBERS)])


class Sums(NamedTuple):
    """Of one variant: persons, the sum of their values, the sum of the squares."""

    n: int
    total: Fraction
    squares: Fraction

    @property
    def mean(self) -> Fraction:
        return self.total / self.n

    @property
    def error(self) -> Fraction:
        """The squared standard error of the mean; needs two persons."""
        return (self.squares - self.total**2 / self.n) / (self.n - 1) / self.n


def model(dbt: Any, session: Any) -> pa.Table:
    rows = dbt.ref("int_experiment_arms").filter("not is_control").order(", ".join(KEYS)).to_arrow_table().to_pylist()
    return pa.Table.from_pylist([{key: row[key] for key in KEYS} | tested(row) for row in rows], schema=SCHEMA)


def tested(row: dict[str, Any]) -> dict[str, float | None]:
    control = Sums(row["control_exposures"], Fraction(row["control_total"]), Fraction(row["control_total_of_squares"]))
    arm = Sums(row["exposures"], Fraction(row["total"]), Fraction(row["total_of_squares"]))
    found = welch(control, arm) if row["metric"] in AMOUNTS else two_proportions(control, arm)
    if found is None:
        return dict.fromkeys(NUMBERS)
    margin, p_value = found
    difference = float(arm.mean - control.mean)
    told = (difference - margin, difference + margin, p_value)
    return {name: round(value, DIGITS) for name, value in zip(NUMBERS, told, strict=True)}


def two_proportions(control: Sums, arm: Sums) -> tuple[float, float] | None:
    """Half the interval's width and the two-sided p-value of values 0 or 1; None where nobody differs."""
    if not min(control.n, arm.n):
        return None
    pooled = (control.total + arm.total) / (control.n + arm.n)
    spread = float(pooled * (1 - pooled) * (Fraction(1, control.n) + Fraction(1, arm.n))) ** 0.5
    apart = float(sum(side.mean * (1 - side.mean) / side.n for side in (control, arm))) ** 0.5
    z = abs(float(arm.mean - control.mean))
    return (float(ndtri(UPPER)) * apart, 2 * float(ndtr(-z / spread))) if spread else None


def welch(control: Sums, arm: Sums) -> tuple[float, float] | None:
    """The same of means; None without two persons on each side, or without any variance."""
    if min(control.n, arm.n) < 2 or not control.error + arm.error:
        return None
    error = control.error + arm.error
    freedom = float(error**2 / (control.error**2 / (control.n - 1) + arm.error**2 / (arm.n - 1)))
    t = abs(float(arm.mean - control.mean)) / float(error) ** 0.5
    return float(stdtrit(freedom, UPPER)) * float(error) ** 0.5, 2 * float(stdtr(freedom, -t))
