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


@pytest.fixture(scope="module")
def tests() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "int_experiment_tests", PROJECT / "models" / "intermediate" / "experiments" / "int_experiment_tests.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sums(tests: ModuleType, values: list[float]):
    exact = [Fraction(str(value)) for value in values]
    return tests.Sums(len(exact), sum(exact), sum(value**2 for value in exact))


def test_welch_is_scipys(tests: ModuleType) -> None:
    told = tests.welch(sums(tests, OLD), sums(tests, NEW))
    known = stats.ttest_ind(NEW, OLD, equal_var=False)
    interval = known.confidence_interval(0.95)
    assert told.p_value == pytest.approx(known.pvalue, rel=1e-12)
    assert told.margin == pytest.approx((interval.high - interval.low) / 2, rel=1e-12)


def test_two_proportions_as_worked_out(tests: ModuleType) -> None:
    # 200 and 250 of 1000: pooled 0.225, z = 0.05 / sqrt(0.225 x 0.775 x 2 / 1000) = 2.6774; the interval by
    # sqrt(0.2 x 0.8 / 1000 + 0.25 x 0.75 / 1000) = 0.018641.
    told = tests.two_proportions(tests.Sums(1000, 200, 200), tests.Sums(1000, 250, 250))
    assert told.p_value == pytest.approx(0.00742, abs=0.00001)
    assert told.margin == pytest.approx(1.959964 * 0.018641, abs=0.00001)


def test_the_sample_ratio_is_a_chi_square_against_equal_arms(tests: ModuleType) -> None:
    assert tests.sample_ratio([821, 894, 880]) == pytest.approx(stats.chisquare([821, 894, 880]).pvalue, rel=1e-12)
    assert tests.sample_ratio([10]) is None


def test_what_does_not_vary_has_no_p_value(tests: ModuleType) -> None:
    nobody, everybody = tests.Sums(9, 0, 0), tests.Sums(9, 9, 9)
    assert tests.two_proportions(nobody, nobody) == (None, None)
    assert tests.two_proportions(everybody, everybody) == (None, None)
    assert tests.welch(nobody, nobody) == (None, None)
    assert tests.welch(tests.Sums(1, 5, 25), everybody) == (None, None)  # one person has no variance


@pytest.mark.parametrize(
    ("variants", "control"),
    [(["b", "control", "a"], "control"), (["b", "Control"], "Control"), (["b", "a"], "a")],
)
def test_the_control_is_called_so_or_is_the_first_by_name(tests: ModuleType, variants: list, control: str) -> None:
    assert tests.control_of(variants) == control


def test_each_variant_is_compared_with_its_own_control(tests: ModuleType) -> None:
    def row(experiment: str, variant: str, exposures: int, total: int) -> dict:
        told = {"experiment": experiment, "variant": variant, "metric": "order_rate", "exposures": exposures}
        return told | {"total": Decimal(total), "total_of_squares": Decimal(total)}

    rows = [row("x", "a", 10, 1), row("x", "control", 10, 5), row("y", "a", 4, 4), row("y", "b", 2, 1)]
    told = [
        (r["experiment"], r["variant"], r["control_variant"], r["rate"], r.get("difference"), r.get("is_small_sample"))
        for r in tests.compared(rows)
    ]
    assert told == [
        ("x", "a", "control", 0.1, -0.4, True),
        ("x", "control", "control", 0.5, None, None),
        ("y", "a", "a", 1.0, None, None),
        ("y", "b", "a", 0.5, -0.5, True),
    ]


@pytest.mark.parametrize(
    ("metric", "sizes", "total", "small"),
    [("order_rate", (50, 50), 5, False), ("order_rate", (50, 50), 4, True), ("revenue_per_person", (30, 29), 0, True)],
)
def test_small_samples_are_named(tests: ModuleType, metric: str, sizes: tuple, total: int, small: bool) -> None:
    one, other = (tests.Sums(size, Fraction(total), Fraction(total)) for size in sizes)
    assert tests.is_small(metric, one, other) is small
