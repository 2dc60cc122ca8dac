"""Which files begin first where several workers share the suite."""

import pytest

# A file is one worker's: begun last, a long one leaves the other worker idle. So they begin in this order, the longest
# first (`--no-loadscope-reorder` lets them). Two that build the same thing (see built_once) stand far apart, lest one
# wait for the other.
LONGEST_FIRST = (
    "test_truth.py",
    "test_bad_input.py",
    "test_oracle.py",
    "test_worlds.py",
    "test_bench.py",
    "test_report.py",
    "test_models_audit.py",
    "test_models_example.py",
    "test_files_alone.py",
    "test_metrics.py",
    "test_models.py",
    "test_expectations.py",
    "test_quality.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {name: number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))
