"""docs/rules.md is true: what it names exists, it has every rule once, and no assert_* stands outside of it."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs" / "rules.md").read_text()
ROWS = [[cell.strip() for cell in line[2:-2].split(" | ")] for line in TEXT.splitlines() if line.startswith("| ")]
RULES = [row for row in ROWS if row[0] not in ("#", "convention")]
ASSERTS = {path.stem for path in (ROOT / "dbt_project" / "tests").glob("assert_*.sql")}
CONVENTIONS = [
    "days", "revenue", "new_customers", "channel", "touches", "markov, shapley", "FX", "formulas", "LTV", "sessions",
    "claims",
]  # fmt: skip


def named_in(cell: str) -> dict[str, set[str]]:
    """The tests that a cell names, by file."""
    found: dict[str, set[str]] = defaultdict(set)
    for file, test in re.findall(r"`(test_\w+\.py)::(test_\w+)`", cell):
        found[file].add(test)
    return found


def test_every_rule_and_convention_has_its_row():
    assert [row[0] for row in RULES] == [*map(str, range(1, 11)), *CONVENTIONS]


@pytest.mark.parametrize("row", RULES, ids=lambda row: row[0])
def test_what_a_row_names_exists(row):
    _, rule, asserts, tests, red = row
    assert rule.endswith(".")
    assert set(re.findall(r"assert_\w+", asserts)) <= ASSERTS
    assert named_in(tests) and named_in(red), "a rule is held by a test, and was seen broken"
    assert len(re.findall("`", tests + red)) == 2 * len(re.findall("`test_[^`]+::test_", tests + red))
    for cell in (tests, red):
        for file, names in named_in(cell).items():
            defined = {
                node.name
                for node in ast.parse((ROOT / "tests" / file).read_text()).body
                if isinstance(node, ast.FunctionDef)
            }
            assert names <= defined, file


def test_no_assert_stands_outside_of_the_table():
    assert ASSERTS
    named = {name for row in RULES for name in re.findall(r"assert_\w+", row[2])}
    assert named == ASSERTS
