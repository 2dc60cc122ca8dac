"""docs/faults.md is true: its tables are what the tests try, and the tests that it names exist."""

import ast
import re
from pathlib import Path

from fault_tables import DOCUMENT, OF_FILES, written
from source_faults import FAULTS, STREAMS
from stage_faults import CASES as STAGE_CASES
from stage_world import STAGES
from test_source_faults import FOLDER_FAULTS

TESTS = Path(__file__).parent


def test_the_tables_are_what_is_tried():
    text = DOCUMENT.read_text()
    assert written(text) == text, "write them anew: PYTHONPATH=plugins:.:tests python tests/fault_tables.py"


def test_the_tests_that_the_document_names_exist():
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", DOCUMENT.read_text())
    assert len(named) > 15
    for file, test in named:
        defined = {n.name for n in ast.parse((TESTS / file).read_text()).body if isinstance(n, ast.FunctionDef)}
        assert test in defined, f"{file}::{test}"


def test_every_stage_meets_every_fault_and_every_stream_every_fault_of_pages():
    faults = {case.fault for case in STAGE_CASES}
    assert len(faults) == 7
    assert {(case.stage, case.fault) for case in STAGE_CASES} == {(s, f) for s in STAGES for f in faults}
    assert len({case.name for case in STAGE_CASES if case.stage == "land"}) == len(STAGE_CASES) / len(STAGES)
    assert sum(fault.streams == STREAMS for fault in FAULTS) >= 10
    assert len(FOLDER_FAULTS) == OF_FILES


def test_a_table_that_tells_something_else_would_be_seen():
    text = DOCUMENT.read_text()
    spoilt = text.replace("| SourceRefused |", "| same |", 1)
    assert spoilt != text and written(spoilt) == text
