"""Whether the variants of an experiment are as large as chance allows, had they been meant to be equal.

Pearson's chi-square against equal arms (NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.5.15). What too small a
p-value says: Fabijan and others 2019, "Diagnosing Sample Ratio Mismatch in Online Controlled Experiments", KDD.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby
from typing import Any

import pyarrow as pa
from scipy.special import chdtrc

DIGITS = 12  # of what is told: beyond them libraries differ
SCHEMA = pa.schema([("experiment", pa.string()), ("metric", pa.string()), ("sample_ratio_p_value", pa.float64())])


def model(dbt: Any, session: Any) -> pa.Table:
    rows = dbt.ref("int_experiment_sums").order("experiment, metric, variant").to_arrow_table().to_pylist()
    told = [
        (experiment, metric, p_value([row["exposures"] for row in arms]))
        for (experiment, metric), arms in groupby(rows, key=lambda row: (row["experiment"], row["metric"]))
    ]
    return pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in told], schema=SCHEMA)


def p_value(sizes: Sequence[int]) -> float | None:
    """None for a single arm, and where nobody is in any."""
    if len(sizes) < 2 or not any(sizes):
        return None
    mean = Fraction(sum(sizes), len(sizes))
    statistic = float(sum((size - mean) ** 2 for size in sizes) / mean)
    return round(float(chdtrc(len(sizes) - 1, statistic)), DIGITS)
