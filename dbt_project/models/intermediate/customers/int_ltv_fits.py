"""BG/NBD (weeks) and Gamma-Gamma by maximum likelihood; customers of the same history are one row with a count.

Fader, Hardie, Lee (2005), "Counting Your Customers the Easy Way: An Alternative to the Pareto/NBD Model"; Fader, Hardie
(2013), "Overcoming the BG/NBD Model's #NUM! Error Problem" and "The Gamma-Gamma Model of Monetary Value".
"""

import numpy as np
import pyarrow as pa
from scipy.optimize import minimize
from scipy.special import betaln, expit, gammaln, psi

FEWEST = 100  # customers who came back, below which the likelihood is too flat to fit anything
REACH = 12.0  # how far a parameter's logarithm may run; who gets there has no maximum
SAMPLE = 20_000  # histories on which the starts are tried; the search ends on all of them
BG_NBD = {"r": (0.25, 1, 0.5), "alpha": (4, 10, 20), "a": (1, 1, 0.3), "b": (2.5, 1, 5)}  # starts
GAMMA_GAMMA = {"p": (6, 2, 1), "q": (4, 3, 1.5), "v": (0.5, 1, 0.1)}  # v in units of the mean value
COLUMNS = {"model": "string", "status": "string", "customers": "int64", "log_likelihood": "double"}
COLUMNS |= dict.fromkeys([*BG_NBD, *GAMMA_GAMMA], "double")


def model(dbt, session):
    patterns = dbt.ref("int_purchase_patterns").order("repeat_purchases, recency_days, age_days").fetchnumpy()
    *histories, customers = (np.asarray(column) for column in patterns.values())
    valued = dbt.ref("int_customer_purchases").filter("mean_value > 0").project("repeat_purchases, mean_value")
    valued = [np.asarray(column) for column in valued.order("repeat_purchases, mean_value").fetchnumpy().values()]
    starts = GAMMA_GAMMA | {"v": np.multiply(GAMMA_GAMMA["v"], valued[1].mean() if len(valued[1]) else 1)}
    bg_nbd = fit(bg_nbd_likelihood, BG_NBD, customers, histories)
    gamma_gamma = fit(gamma_gamma_likelihood, starts, np.ones(len(valued[1])), valued)
    rows = [{"model": "bg_nbd"} | bg_nbd, {"model": "gamma_gamma"} | gamma_gamma]
    return pa.table({name: pa.array([row.get(name) for row in rows], kind) for name, kind in COLUMNS.items()})


def fit(likelihood, starts, customers, rows):
    """What came of it; parameters to 9 digits. `customers` share a row; the first of `rows` are repeat purchases."""
    total = int(customers.sum())
    if customers[rows[0] > 0].sum() < FEWEST:
        return {"status": f"fewer than {FEWEST} customers came back", "customers": total}

    def loss(logs, step):
        share = customers[::step] / customers[::step].sum()
        one, slopes = likelihood(np.exp(logs), *(row[::step] for row in rows))
        return -np.sum(share * one), -np.array([np.sum(share * slope) for slope in slopes]) * np.exp(logs)

    logs = np.log(np.array(list(starts.values()), float)).T
    how = {"jac": True, "method": "L-BFGS-B", "options": {"ftol": 1e-15, "gtol": 1e-9}}
    how["bounds"] = [(log - REACH, log + REACH) for log in logs[0]]
    tried = [minimize(loss, one, args=(1 + len(customers) // SAMPLE,), **how) for one in logs]
    best = minimize(loss, min(tried, key=lambda result: round(result.fun, 12)).x, args=(1,), **how)
    if np.abs(best.jac).max() > 1e-6 or np.abs(best.x - logs[0]).max() > REACH - 0.01:
        return {"status": "no maximum found", "customers": total}
    told = dict(zip(starts, np.exp(best.x), strict=True)) | {"log_likelihood": -best.fun * total}
    return {"status": "fitted", "customers": total} | {name: float(f"{value:.9g}") for name, value in told.items()}


def bg_nbd_likelihood(parameters, x, recency, age):
    """Each row's logarithm and slopes. x repeat purchases, the last `recency` days after the first, `age` days ago."""
    r, alpha, a, b = parameters
    k, weeks = np.arange(x.max() + 1), alpha + np.arange(age.max() + 1) / 7
    past_age, past_recency, s = np.log(weeks)[age], np.log(weeks)[recency], r + x
    odds = np.where(k > 0, np.log(a / np.maximum(b + k - 1, b)), -np.inf)[x] + s * (past_age - past_recency)
    is_gone = expit(odds)  # after the last purchase; nobody leaves at the first
    by_k = gammaln(r + k) - gammaln(r) + r * np.log(alpha) + betaln(a, b + k) - betaln(a, b)  # once for all rows
    return by_k[x] - s * past_age + np.logaddexp(0, odds), (
        (psi(r + k) - psi(r) + np.log(alpha))[x] - past_age + is_gone * (past_age - past_recency),
        r / alpha - s * ((1 - is_gone) / weeks[age] + is_gone / weeks[recency]),
        (psi(a + b) - psi(a + b + k))[x] + is_gone / a,
        (psi(b + k) - psi(a + b + k) - psi(b) + psi(a + b))[x] - is_gone / np.maximum(b + x - 1, b),
    )


def gamma_gamma_likelihood(parameters, x, mean):
    """The same of x repeat purchases of that mean value."""
    p, q, v = parameters
    k, past, s = np.arange(1, x.max() + 1), np.log(v + mean * x), p * x + q
    by_k = gammaln(p * k + q) - gammaln(p * k) - gammaln(q) + q * np.log(v) + p * k * np.log(k)
    return by_k[x - 1] + (p * x - 1) * np.log(mean) - s * past, (
        x * ((psi(p * k + q) - psi(p * k) + np.log(k))[x - 1] + np.log(mean) - past),
        (psi(p * k + q) - psi(q) + np.log(v))[x - 1] - past,
        q / v - s / (v + mean * x),
    )
