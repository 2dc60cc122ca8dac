"""The tests behind kpi_experiment, held against SciPy's own over the single values, and against numbers worked out."""

import importlib.util
from decimal import Decimal
from fractions import Fraction
from types import ModuleType

import pytest
from landed_world import PROJECT
from scipy import stats

OLD = [0, 0, 12.5, 30, 0, 41.99, 7, 0, 0, 19]
NEW = [0, 25, 18.75, 0, 60, 33.01, 0, 44]


def model(name: str) -> ModuleType:
    path = PROJECT / "models" / "intermediate" / "experiments" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def tests() -> ModuleType:
    return model("int_experiment_tests")


def sums(tests: ModuleType, values: list[float]):
    exact = [Fraction(str(value)) for value in values]
    return tests.Sums(len(exact), sum(exact), sum(value**2 for value in exact))


def converted(tests: ModuleType, persons: int, conversions: int):
    return tests.Sums(persons, Fraction(conversions), Fraction(conversions))


def test_welch_is_scipys(tests: ModuleType) -> None:
    margin, p_value = tests.welch(sums(tests, OLD), sums(tests, NEW))
    known = stats.ttest_ind(NEW, OLD, equal_var=False)
    interval = known.confidence_interval(0.95)
    assert p_value == pytest.approx(known.pvalue, rel=1e-12)
    assert margin == pytest.approx((interval.high - interval.low) / 2, rel=1e-12)


def test_two_proportions_as_worked_out(tests: ModuleType) -> None:
    # 200 and 250 of 1000: pooled 0.225, z = 0.05 / sqrt(0.225 x 0.775 x 2 / 1000) = 2.6774; the interval by
    # sqrt(0.2 x 0.8 / 1000 + 0.25 x 0.75 / 1000) = 0.018641.
    margin, p_value = tests.two_proportions(converted(tests, 1000, 200), converted(tests, 1000, 250))
    assert p_value == pytest.approx(0.00742, abs=0.00001)
    assert margin == pytest.approx(1.959964 * 0.018641, abs=0.00001)


def test_the_sample_ratio_is_a_chi_square_against_equal_arms() -> None:
    p_value = model("int_experiment_ratios").p_value
    assert p_value([821, 894, 880]) == pytest.approx(stats.chisquare([821, 894, 880]).pvalue, abs=1e-12)
    assert p_value([10]) is None


def test_what_does_not_vary_has_no_p_value(tests: ModuleType) -> None:
    nobody, everybody = converted(tests, 9, 0), converted(tests, 9, 9)
    assert tests.two_proportions(nobody, nobody) is None
    assert tests.two_proportions(everybody, everybody) is None
    assert tests.welch(nobody, nobody) is None
    assert tests.welch(sums(tests, [5]), sums(tests, NEW)) is None  # one person has no variance


@pytest.mark.parametrize(("metric", "test"), [("order_rate", "two_proportions"), ("revenue_per_person", "welch")])
def test_the_interval_lies_around_the_difference_and_each_metric_has_its_test(
    tests: ModuleType, metric: str, test: str
) -> None:
    control, arm = converted(tests, 40, 10), converted(tests, 40, 20)
    row = {"metric": metric, "exposures": 40, "total": Decimal(20), "total_of_squares": Decimal(20)}
    row |= {"control_exposures": 40, "control_total": Decimal(10), "control_total_of_squares": Decimal(10)}
    margin, p_value = getattr(tests, test)(control, arm)
    assert tests.tested(row) == {
        "difference_low": round(0.25 - margin, 12), "difference_high": round(0.25 + margin, 12),
        "p_value": round(p_value, 12),
    }  # fmt: skip


def test_what_can_not_be_tested_is_null(tests: ModuleType) -> None:
    row = {"metric": "order_rate", "exposures": 4, "total": Decimal(0), "total_of_squares": Decimal(0)}
    row |= {"control_exposures": 4, "control_total": Decimal(0), "control_total_of_squares": Decimal(0)}
    assert set(tests.tested(row).values()) == {None}
