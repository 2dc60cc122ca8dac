"""The fits and predictions of lifetime value against other ways to the same numbers: integrals over what each customer
may be like, customers simulated from known parameters, and what the papers print."""

import importlib.util
from collections.abc import Callable
from math import exp, expm1, inf, lgamma, log, log1p
from types import ModuleType
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from landed_world import PROJECT
from scipy.integrate import quad
from scipy.optimize import check_grad


def load(name: str) -> ModuleType:
    path = PROJECT / "models" / "intermediate" / "customers" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FITS, PREDICTIONS = load("int_ltv_fits"), load("int_purchase_predictions")
PUBLISHED = (0.243, 4.414, 0.793, 2.426)  # Fader, Hardie, Lee (2005), table 2: CDNOW


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False)


histories = st.tuples(st.integers(0, 8), st.integers(0, 300), st.integers(0, 300)).map(
    lambda one: (one[0], one[1] if one[0] else 0, one[1] + one[2])  # x, recency, age in days
)
bg_nbd = st.tuples(numbers(0.5, 4), numbers(2, 30), numbers(0.6, 5), numbers(1, 8))


def gamma_density(at: float, shape: float, rate: float) -> float:
    return exp(shape * log(rate) + (shape - 1) * log(at) - rate * at - lgamma(shape)) if at > 0 else 0.0


def beta_density(p: float, a: float, b: float) -> float:
    return exp(lgamma(a + b) - lgamma(a) - lgamma(b)) * p ** (a - 1) * (1 - p) ** (b - 1) if 0 < p < 1 else 0.0


def integral(of: Callable[[float], float], low: float, high: float) -> float:
    return quad(of, low, high, epsabs=0, epsrel=1e-9, limit=200)[0]


def stayed_or_left(parameters: tuple[float, ...], x: int, recency: int, age: int) -> tuple[float, float]:
    """The likelihood of the history of a customer who is still there, and of one who left after the last purchase:
    integrals over their rate of purchases and their chance to leave."""
    r, alpha, a, b = parameters

    def over_rates(weeks: float) -> float:
        return integral(lambda rate: rate**x * exp(-rate * weeks) * gamma_density(rate, r, alpha), 0, inf)

    def over_chances(left: int) -> float:
        return integral(lambda p: p**left * (1 - p) ** (x - left) * beta_density(p, a, b), 0, 1)

    stayed = over_rates(age / 7) * over_chances(0)
    return stayed, over_rates(recency / 7) * over_chances(1) if x else 0.0


@settings(max_examples=25, deadline=None)
@given(bg_nbd, histories)
def test_the_likelihood_of_a_history_is_the_integral_over_all_customers(parameters, history):
    one, _ = FITS.bg_nbd_likelihood(parameters, *(np.array([number]) for number in history))
    assert one[0] == pytest.approx(np.log(sum(stayed_or_left(parameters, *history))), rel=1e-6, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(bg_nbd, histories)
def test_p_alive_is_the_share_of_that_integral_who_stayed(parameters, history):
    x, recency, age = history
    stayed, left = stayed_or_left(parameters, *history)
    told = PREDICTIONS.p_alive(parameters, np.array([x]), recency / 7, age / 7)
    assert told[0] == pytest.approx(stayed / (stayed + left), rel=1e-6)


@settings(max_examples=50, deadline=None)
@given(bg_nbd, st.integers(0, 60), numbers(0, 160), numbers(1, 104))
def test_expected_purchases_are_an_integral_over_the_chance_to_leave(parameters, x, age, weeks):
    # Given that chance p the rate of those who stayed is Gamma(r + x, alpha + age), and purchases go on as
    # (1 - exp(-rate p t)) / p.
    r, alpha, a, b = parameters

    def purchases(p: float) -> float:
        return -expm1(-(r + x) * log1p(p * weeks / (alpha + age))) / p * beta_density(p, a, b + x)

    told = PREDICTIONS.expected_while_alive(parameters, np.array([x]), np.array([age]), weeks)
    assert told[0] == pytest.approx(integral(purchases, 0, 1), rel=1e-6)


def test_expected_purchases_are_those_that_the_authors_print():
    # Fader, Hardie, Lee (2005), "Implementing the BG/NBD Model for Customer Base Analysis in Excel": customer 0001,
    # x = 2, t_x = 30.43, T = 38.86, over the next 39 weeks.
    told = PREDICTIONS.p_alive(PUBLISHED, 2, 30.43, 38.86) * PREDICTIONS.expected_while_alive(PUBLISHED, 2, 38.86, 39)
    assert round(float(told), 3) == 1.226


def test_a_thousand_purchases_overflow_nothing():
    expected = PREDICTIONS.expected_while_alive(PUBLISHED, np.array([1000]), np.array([150.0]), 52)
    assert 200 < expected[0] < 1000 / 150 * 52  # fewer than at the same rate for ever
    assert PREDICTIONS.p_alive(PUBLISHED, np.array([1000]), 1.0, 150.0)[0] < 1e-300
    assert np.isfinite(PREDICTIONS.expected_while_alive((0.2, 4, 1.0, 2), np.arange(3), np.zeros(3), 52)).all()


@settings(max_examples=25, deadline=None)
@given(numbers(1, 8), numbers(1.2, 6), numbers(5, 60), st.integers(1, 6), numbers(1, 200))
def test_the_likelihood_of_values_is_the_integral_over_all_rates(p, q, v, x, mean):
    # The mean of x values is Gamma(p x, rate nu x), the rate nu is Gamma(q, rate v).
    def density(nu: float) -> float:
        return gamma_density(mean, p * x, nu * x) * gamma_density(nu, q, v) if nu > 0 else 0.0

    peak = (p * x + q) / (v + mean * x)
    total = integral(density, 0, peak) + integral(density, peak, inf)
    one, _ = FITS.gamma_gamma_likelihood((p, q, v), np.array([x]), np.array([mean]))
    assert one[0] == pytest.approx(np.log(total), rel=1e-6, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(bg_nbd, st.tuples(numbers(1, 8), numbers(1.2, 6), numbers(5, 60)), st.lists(histories, min_size=3, max_size=9))
def test_slopes_are_those_of_the_likelihood(rates, values, rows):
    history = [np.array(column) for column in zip(*rows, strict=True)]
    means = [history[0] + 1, 1.0 + history[1]]
    for likelihood, parameters, data in (
        (FITS.bg_nbd_likelihood, rates, history),
        (FITS.gamma_gamma_likelihood, values, means),
    ):
        slopes = np.array([slope.sum() for slope in likelihood(parameters, *data)[1]])

        def total(at: np.ndarray, likelihood: Any = likelihood, data: Any = data) -> float:
            return float(likelihood(at, *data)[0].sum())

        def gradient(at: np.ndarray, slopes: np.ndarray = slopes) -> np.ndarray:
            return slopes

        assert check_grad(total, gradient, np.array(parameters)) < 1e-4 * (1 + np.abs(slopes).max())


def shoppers(parameters: tuple[float, ...], people: int) -> list[np.ndarray]:
    """x, recency and age in days of people who shop as BG/NBD has it; seeded."""
    random = np.random.default_rng(7)
    r, alpha, a, b = parameters
    rows = []
    for rate, chance, age in zip(
        random.gamma(r, 1 / alpha, people), random.beta(a, b, people), random.integers(180, 900, people), strict=True
    ):
        x, day = 0, 0.0
        while (following := day + 7 * random.exponential(1 / rate)) < age:
            x, day = x + 1, following
            if random.random() < chance:
                break
        rows.append((x, int(day), int(age)))
    return [np.array(column) for column in zip(*rows, strict=True)]


def test_the_parameters_that_made_customers_are_found_again():
    rates = (0.6, 8.0, 0.8, 3.0)
    told = FITS.fit(FITS.bg_nbd_likelihood, FITS.BG_NBD, np.ones(20_000), shoppers(rates, 20_000))
    assert (told["status"], told["customers"]) == ("fitted", 20_000)
    assert [told[name] for name in FITS.BG_NBD] == pytest.approx(rates, rel=0.15)


def test_the_parameters_that_made_values_are_found_again_in_any_currency():
    random = np.random.default_rng(7)
    x = random.integers(1, 6, 20_000)
    mean = random.gamma(6.0 * x) / x / random.gamma(4.0, 1 / 15.0, 20_000)
    for unit in (1, 100_000):
        starts = FITS.GAMMA_GAMMA | {"v": np.multiply(FITS.GAMMA_GAMMA["v"], unit * mean.mean())}
        told = FITS.fit(FITS.gamma_gamma_likelihood, starts, np.ones(len(x)), [x, unit * mean])
        assert (told["p"], told["q"], told["v"]) == pytest.approx((6, 4, 15 * unit), rel=0.1)


def test_a_row_with_a_count_is_as_many_rows():
    history = shoppers(PUBLISHED, 2_000)
    (rows, counts) = np.unique(np.array(history), axis=1, return_counts=True)
    assert counts.max() > 1
    alone = FITS.fit(FITS.bg_nbd_likelihood, FITS.BG_NBD, np.ones(2_000), history)
    together = FITS.fit(FITS.bg_nbd_likelihood, FITS.BG_NBD, counts, list(rows))
    assert [together[name] for name in FITS.BG_NBD] == pytest.approx([alone[name] for name in FITS.BG_NBD], rel=1e-4)
    assert together["log_likelihood"] == alone["log_likelihood"]


class Dbt:
    """What dbt hands to a Python model: the tables that it refers to, and its configuration."""

    def __init__(self, horizon_weeks: int = 52, **tables: str) -> None:
        self.connection = duckdb.connect()
        for name, query in tables.items():
            self.connection.execute(f"create table {name} as {query}")
        self.config = self
        self.horizon_weeks = horizon_weeks

    def ref(self, name: str) -> duckdb.DuckDBPyRelation:
        return self.connection.table(name)

    def meta_get(self, key: str) -> str:
        return str(getattr(self, key))


PATTERNS = "select {} as repeat_purchases, {} as recency_days, 700 as age_days, {} as customers from range({})"
PURCHASES = "select 1 as repeat_purchases, cast({} as double) as mean_value from range({})"


def fits(patterns: str, purchases: str) -> list[dict[str, Any]]:
    rows = FITS.model(Dbt(int_purchase_patterns=patterns, int_customer_purchases=purchases), None).to_pylist()
    assert [row["model"] for row in rows] == ["bg_nbd", "gamma_gamma"]
    return rows


@pytest.mark.parametrize("customers", [0, 99])
def test_few_who_came_back_are_no_fit(customers):
    for row in fits(PATTERNS.format(1, "range", 1, customers), PURCHASES.format("range", customers)):
        assert row["status"] == "fewer than 100 customers came back"
        assert {row[name] for name in (*FITS.BG_NBD, *FITS.GAMMA_GAMMA, "log_likelihood")} == {None}


def test_values_that_are_all_the_same_have_no_maximum():
    _, values = fits(PATTERNS.format("range % 5", "130 * (range % 5)", 20, 500), PURCHASES.format(50, 500))
    assert values["status"] == "no maximum found"
    assert (values["customers"], values["p"], values["log_likelihood"]) == (500, None, None)


def test_customers_who_never_leave_have_no_maximum():
    told = FITS.fit(FITS.bg_nbd_likelihood, FITS.BG_NBD, np.ones(1_000), shoppers((0.6, 8.0, 1e-9, 3.0), 1_000))
    assert told == {"status": "no maximum found", "customers": 1_000}


def test_a_search_that_stops_on_its_way_is_no_fit(monkeypatch):
    whole = FITS.minimize
    monkeypatch.setattr(FITS, "minimize", lambda *how, **more: whole(*how, **more | {"options": {"maxiter": 1}}))
    told = FITS.fit(FITS.bg_nbd_likelihood, FITS.BG_NBD, np.ones(1_000), shoppers(PUBLISHED, 1_000))
    assert told == {"status": "no maximum found", "customers": 1_000}


def test_without_a_fit_there_are_no_predictions():
    query = "select 'bg_nbd' as model, null::double as r, null::double as alpha, null::double as a, null::double as b"
    dbt = Dbt(int_purchase_patterns=PATTERNS.format(1, 5, 1, 2), int_ltv_fits=query)
    told = PREDICTIONS.model(dbt, None).to_pylist()
    assert [(row["repeat_purchases"], row["p_alive"], row["expected_purchases"]) for row in told] == [
        (1, None, None)
    ] * 2
