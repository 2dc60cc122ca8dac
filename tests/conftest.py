"""Which files begin first where several workers share the suite, and how many faults were tried in it."""

import os
import sys
from collections.abc import Iterator

import pytest
from built_once import of_everybody

# A file is one worker's: begun last, a long one leaves the other worker idle. So they begin in this order, the longest
# first (`--no-loadscope-reorder` lets them). Two that build the same thing (see built_once) stand far apart, lest one
# wait for the other.
LONGEST_FIRST = (
    "test_truth.py",
    "test_bad_input.py",
    "test_oracle.py",
    "test_worlds.py",
    "test_stage_faults.py",
    "test_bench.py",
    "test_report.py",
    "test_models_audit.py",
    "test_models_example.py",
    "test_files_alone.py",
    "test_source_faults.py",
    "test_readers.py",
    "test_metrics.py",
    "test_models.py",
    "test_expectations.py",
    "test_quality.py",
)


@pytest.fixture(scope="session", autouse=True)
def _parsed_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What dbt parsed for one landed world serves the next of the same settings, in every worker."""
    os.environ["PARSED_BY_DBT"] = str(of_everybody(tmp_path_factory) / "parsed")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many faults were tried and survived, and how many inputs the fuzz tests tried, over all workers."""
    _tell_faults(terminalreporter)
    _tell_inputs(terminalreporter)


def _tell_faults(terminalreporter: pytest.TerminalReporter) -> None:
    """Faults are told of by the tests that try them: `record_property("fault", …)`."""
    tried = {
        outcome: sum(
            report.when == "call" and any(name == "fault" for name, _ in report.user_properties)
            for report in terminalreporter.stats.get(outcome, ())
        )
        for outcome in ("passed", "failed")
    }
    if sum(tried.values()):
        terminalreporter.write_line(f"faults tried: {sum(tried.values())}; survived: {tried['passed']}")


def _tell_inputs(terminalreporter: pytest.TerminalReporter) -> None:
    tried = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, value in report.user_properties
        if name == "fuzz inputs"
    ]
    if tried:
        terminalreporter.write_line(f"fuzzing: {sum(tried):,} inputs in {len(tried)} tests (FUZZ=10000 tries more)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {name: number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Beside each fuzz test's result goes how many inputs it tried."""
    fuzzing = sys.modules.get("fuzzing")
    before = fuzzing.tried if fuzzing else 0
    try:
        return (yield)
    finally:
        if fuzzing and fuzzing.tried > before:
            item.user_properties.append(("fuzz inputs", fuzzing.tried - before))
