"""ltv_model: the published likelihoods, and their maximum found by another road (Nelder and Mead's simplex).

Fader, Hardie, Lee (2005), equation 6; Fader, Hardie (2013), equation 1a.
"""

from datetime import datetime, time, timedelta
from math import exp, lgamma, log, log1p

from scipy.optimize import minimize

from .customers import customers
from .money import total
from .reading import Row, World

LEAST_CUSTOMERS = 100


def bg_nbd(r: float, alpha: float, a: float, b: float, history: tuple[int, float, float]) -> float:
    """ln of the likelihood of (purchases after the first, weeks to the last one, weeks to the end)."""
    x, recency, age = history
    start = lgamma(r + x) - lgamma(r) + r * log(alpha)
    start += lgamma(a + b) + lgamma(b + x) - lgamma(b) - lgamma(a + b + x)
    alive = -(r + x) * log(alpha + age)
    if not x:
        return start + alive
    gone = log(a) - log(b + x - 1) - (r + x) * log(alpha + recency)
    most = max(alive, gone)
    return start + most + log1p(exp(min(alive, gone) - most))


def gamma_gamma(p: float, q: float, v: float, history: tuple[int, float]) -> float:
    """ln of the likelihood of (purchases after the first, their mean value)."""
    x, mean = history
    told = lgamma(p * x + q) - lgamma(p * x) - lgamma(q) + q * log(v)
    return told + (p * x - 1) * log(mean) + p * x * log(x) - (p * x + q) * log(v + x * mean)


def _highest(likelihood, histories: list[tuple], start: list[float]) -> tuple[list[float], float]:
    """The parameters of the greatest likelihood, sought by their logarithms, and its logarithm."""
    counts: dict[tuple, int] = {}
    for history in histories:
        counts[history] = counts.get(history, 0) + 1

    def cost(logs) -> float:
        parameters = [exp(one) for one in logs]
        return -sum(count * likelihood(*parameters, history) for history, count in counts.items())

    found = [log(one) for one in start]
    for _ in range(4):  # a simplex that has shrunk too early is begun anew
        told = minimize(cost, found, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-10, "maxiter": 4000})
        found = list(told.x)
    return [exp(one) for one in found], -cost(found)


def ltv_model(world: World) -> list[Row]:
    repeats, values = [], []
    for one in customers(world):
        days = one["purchases"]
        weeks = (days[-1] - days[0]).days / 7, (world.asked.last - days[0]).days / 7
        repeats.append((len(days) - 1, *weeks))
        if len(days) > 1:
            mean = total(one["days"][day]["revenue"] for day in days[1:]) / (len(days) - 1)
            if mean > 0:
                values.append((len(days) - 1, float(mean)))
    assert len(values) >= LEAST_CUSTOMERS, "this reading knows fitted models only"
    end = datetime.combine(world.asked.last + timedelta(1), time(), world.asked.zone)
    found = []
    for model, work, histories, start in (
        ("bg_nbd", bg_nbd, repeats, {"r": 0.5, "alpha": 5.0, "a": 1.0, "b": 2.0}),
        ("gamma_gamma", gamma_gamma, values, {"p": 3.0, "q": 3.0, "v": 100.0}),
    ):
        parameters, likelihood = _highest(work, histories, list(start.values()))
        for name, value in zip(start, parameters, strict=True):
            found.append(
                {"model": model, "parameter": name, "value": value, "log_likelihood": likelihood, "is_fitted": True,
                 "customers": len(histories), "status": "fitted", "fitted_at": end}
            )  # fmt: skip
    return found
