"""How likely customers of a history are to come back at all, and how often within the horizon.

Fader, Hardie, Lee (2005), equation 10, and Fader, Hardie (2008), "Computing P(alive) Using the BG/NBD Model". Equation
10 is evaluated after Euler's transformation 2F1(p, q; s; z) = (1 - z)^(s - p - q) 2F1(s - p, s - q; s; z): as printed,
it multiplies what overflows with what underflows for a customer of many purchases.
"""

import numpy as np
import pyarrow as pa
from scipy.special import hyp2f1

KEYS = ("repeat_purchases", "recency_days", "age_days")


def model(dbt, session):
    horizon = int(dbt.config.meta_get("horizon_weeks"))
    fits = dbt.ref("int_ltv_fits").filter("model = 'bg_nbd'").project("r, alpha, a, b").fetchone()
    patterns = dbt.ref("int_purchase_patterns").project(", ".join(KEYS)).order(", ".join(KEYS)).fetchnumpy()
    x, recency, age = (np.asarray(patterns[name], float) for name in KEYS)
    alive = purchases = np.full(len(x), np.nan)
    if None not in fits:
        alive = p_alive(fits, x, recency / 7, age / 7)
        purchases = alive * expected_while_alive(fits, x, age / 7, horizon)
    told = {"p_alive": alive, "expected_purchases": purchases}
    return pa.table(patterns | {name: pa.array(np.round(one, 9), from_pandas=True) for name, one in told.items()})


def p_alive(parameters, x, t_x, age):
    """That a customer of x repeat purchases, the last t_x weeks after the first, has not left `age` weeks after it."""
    r, alpha, a, b = parameters
    log_odds = np.log(a) - np.log(np.maximum(b + x - 1, b)) + (r + x) * (np.log(alpha + age) - np.log(alpha + t_x))
    return np.where(x > 0, 1 / (1 + np.exp(np.minimum(log_odds, 700))), 1.0)


def expected_while_alive(parameters, x, age, weeks):
    """Purchases in the next `weeks` of a customer who has not left."""
    r, alpha, a, b = parameters
    a = 1 + 1e-7 if abs(a - 1) < 1e-7 else a  # the limit exists, but the form divides by a - 1
    z = weeks / (alpha + age + weeks)
    left = np.power(1 - z, a - 1) * hyp2f1(a + b - 1 - r, a - 1, a + b + x - 1, z)
    return (a + b + x - 1) / (a - 1) * (1 - left)
