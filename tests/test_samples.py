"""A sample opened in a spreadsheet shows what was there and does nothing."""

import csv
from datetime import date
from decimal import Decimal

import pytest

from marketing_mart.quality.samples import cell, first_row, write_sample


@pytest.mark.parametrize(
    "typed",
    [
        '=HYPERLINK("http://evil.example","x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1+1",
        "\N{FULLWIDTH EQUALS SIGN}1", "-", "+49 30 901820",
    ],
)  # fmt: skip
def test_a_text_that_a_spreadsheet_would_take_for_a_formula_is_none(typed):
    assert cell(typed) == "'" + typed


@pytest.mark.parametrize(
    "value", ["plain", "a=b", "", "-1.50", "+7", "1-2", Decimal("-1.50"), -3, None, date(2025, 6, 30), True]
)
def test_numbers_and_other_texts_are_as_they_are(value):
    assert cell(value) == value


def test_the_file_is_written_so_and_without_an_address(tmp_path):
    rows = [("=1+1", Decimal("-2.5"), "from ada@example.com"), ("@x", -1, None)]
    path = write_sample(tmp_path, "mart.kpi", "../../x; drop", ["=name", "n", "note"], rows)
    assert path.parent == tmp_path and path.name == "mart.kpi..._.._x_drop.csv"
    with path.open(newline="") as stream:
        assert list(csv.reader(stream)) == [
            ["'=name", "n", "note"], ["'=1+1", "-2.5", "from (address)"], ["'@x", "-1", ""],
        ]  # fmt: skip


def test_the_first_row_in_a_message_is_one_line_that_no_terminal_obeys():
    told = first_row(["campaign_name"], [("\x1b[2Jcleared\nada@example.com\r",)])
    assert told == ", first: campaign_name=cleared (address)\N{REPLACEMENT CHARACTER}"
