"""What can't be right in a file is told once, with file, column and row, and never with anyone's address."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest
from files_world import ADS, JUNE, MAIL, ORDERS, PRIVACY, STREAMS, put, read_rows

from marketing_mart.connectors import files
from marketing_mart.errors import InputError

GOOD = "1,2025-06-01,EUR,9.90\n"


def error_of(inbox, stream: str, **more) -> str:
    with pytest.raises(InputError) as caught:
        read_rows(inbox, stream, **more)
    assert caught.value.next_step
    return str(caught.value)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("2,yesterday,EUR,1", "column ordered_at must be a time (like 2025-06-30 14:05:00 or "
                              "2025-06-30T14:05:00+02:00): line 3 has 'yesterday'"),
        ("2,2025-02-30,EUR,1", "line 3 has '2025-02-30'"),
        ("2,2025-06-01 25:00,EUR,1", "line 3 has '2025-06-01 25:00'"),
        ("2,01.06.2025,EUR,1", "line 3 has '01.06.2025'"),
        ("2,0025-06-01,EUR,1", "line 3 has '0025-06-01'"),
        ("2,2025-06-01 10:00:00 CEST,EUR,1", "column ordered_at must be"),
        ("2,2025-06-01,EUR,many", "column net_amount must be an amount (digits with a point, at most 12 before and 6 "
                                  "after it): line 3 has 'many'"),
        ('2,2025-06-01,EUR,"1,50"', "line 3 has '1,50'"),
        ("2,2025-06-01,EUR,1e3", "line 3 has '1e3'"),
        ("2,2025-06-01,EUR,0.30000000000000004", "line 3 has '0.30000000000000004'"),
        ("2,2025-06-01,EUR,1234567890123", "line 3 has '1234567890123'"),
        ("2,2025-06-01,EUR,NaN", "line 3 has 'NaN'"),
        ("2,2025-06-01,EUR,", "column net_amount has no value: line 3"),
        ("2,2025-06-01,ERU,1", "column currency must be a currency of ISO 4217 (like EUR): line 3 has 'ERU'"),
        ("2,2025-06-01,€,1", "line 3 has '€'"),
        (" ,2025-06-01,EUR,1", "column order_id has no value: line 3"),
        ("1,2025-06-02,EUR,1", "rows with the same order_id: line 2 and line 3 have '1'"),
        ("2,2025-06-01,EUR", "rows that don't have the header's 4 values: line 3 has 3"),
        ("2,2025-06-01,EUR,1,2", "rows that don't have the header's 4 values: line 3 has 5"),
    ],
)  # fmt: skip
def test_a_value_that_can_not_be_right_is_told_with_its_place(tmp_path, line, told):
    put(tmp_path, "orders.csv", ORDERS + GOOD + line + "\n")
    message = error_of(tmp_path, "orders")
    assert f"files/orders: {tmp_path}/orders.csv" in message and told in message


@pytest.mark.parametrize("column", ["impressions", "clicks", "spend"])
def test_a_negative_number_of_an_ad_is_refused(tmp_path, column):
    header, line = ADS.strip().split("\n")
    values = dict(zip(header.split(","), line.split(","), strict=True)) | {column: "-3"}
    put(tmp_path, "ad_performance.csv", f"{header}\n{','.join(values.values())}\n")
    assert f"column {column} must not be less than 0: line 2 has '-3'" in error_of(tmp_path, "ad_performance")


@pytest.mark.parametrize("column", ["gross_amount", "discount_amount", "refund_amount"])
def test_signs_of_an_order_are_its_column_s_matter(tmp_path, column):
    put(tmp_path, "orders.csv", f"{ORDERS.strip()},{column}\n1,2025-06-01,EUR,-5,-5\n")
    assert f"column {column} must not be less than 0" in error_of(tmp_path, "orders")
    put(tmp_path, "orders.csv", f"{ORDERS.strip()},{column}\n1,2025-06-01,EUR,-5,0\n")
    assert read_rows(tmp_path, "orders")[0]["net_amount"] == -5


@pytest.mark.parametrize(
    ("stream", "content", "told"),
    [
        ("fx_rates", "date_day,from_currency,to_currency,rate\n2025-06-01,EUR,USD,0\n", "rate must be greater than 0"),
        ("promotions", "promotion_id,product_id,starts_on,ends_on,discount_rate\np,q,2025-06-01,2025-06-02,20\n",
         "discount_rate must not be greater than 1"),
        ("budgets", "month,channel,amount,currency\n2025-06-15,Email,5,EUR\n", "month must be a month (like 2025-06)"),
        ("email_campaigns", MAIL + "m,M,2025-06-01,-1,0,0,0\n",
         "recipients must not be less than 0"),
        ("email_campaigns", MAIL + "m,M,2025-06-01,1.5,0,0,0\n",
         "recipients must be a whole number"),
        ("sessions", "session_id,visitor_id,started_at,is_engaged\ns,v,2025-06-01,maybe\n", "must be true or false"),
        ("ad_performance", ADS + ADS.split("\n")[1], "line 2 and line 3 have 2025-06-01, 'x_ads', '1', 'c1'"),
    ],
)  # fmt: skip
def test_rules_of_other_streams(tmp_path, stream, content, told):
    put(tmp_path, f"{stream}.csv", content)
    assert told in error_of(tmp_path, stream)


def test_all_problems_are_told_at_once_with_their_numbers(tmp_path):
    bad = "".join(f"x{n},soon,EUR,much\n" for n in range(50))
    put(tmp_path, "orders.csv", ORDERS + GOOD + bad + GOOD)
    message = error_of(tmp_path, "orders")
    assert "line 3 has 'soon'; line 4 has 'soon'; line 5 has 'soon' (50 rows in all)" in message
    assert "line 3 has 'much'" in message and "line 2 and line 53 have '1'" in message


def test_no_page_follows_the_first_problem(tmp_path):
    put(tmp_path, "orders.csv", ORDERS + "x,soon,EUR,1\n" + "".join(f"{n},2025-06-01,EUR,1\n" for n in range(9)))
    options = files.reading.SourceOptions(inbox=str(tmp_path))
    pages = files.read(STREAMS["orders"], JUNE, None, options, PRIVACY)
    with pytest.raises(InputError):
        next(pages)


def test_a_key_that_comes_again_much_later_is_found(tmp_path):
    """In another block of the file than the first."""
    lines = "".join(f"order {n},2025-06-01 10:00:00,EUR,1.25\n" for n in range(150_000))
    put(tmp_path, "orders.csv", f"{ORDERS}{lines}order 7,2025-06-02,EUR,1\n")
    assert "rows with the same order_id: line 9 and line 150002 have 'order 7'" in error_of(tmp_path, "orders")


def test_lines_are_an_editor_s_lines(tmp_path):
    header = "order_id,line_id,product_id,quantity,unit_price,product_name\n"
    rows = '1,1,p,1,1,"two\nlines"\n\n1,2,p\n1,3,p,lots,1,plain\n1,4,p,1,1,"a\n\nb"\n1,4,p,1,1,again\n'
    put(tmp_path, "order_lines.csv", header + rows)
    message = error_of(tmp_path, "order_lines")
    assert "line 5 has 3" in message and "line 6 has 'lots'" in message and "line 7 and line 10" in message


def test_missing_required_columns_are_told_with_what_is_there(tmp_path):
    put(tmp_path, "orders.csv", "order_id,orderd_at,currency,amount\n1,2025-06-01,EUR,1\n")
    message = error_of(tmp_path, "orders")
    assert "lacks the column ordered_at (did you mean orderd_at?); the column net_amount" in message
    assert "It has: order_id, orderd_at, currency, amount" in message


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (ORDERS.encode(), "has a header and no rows"),
        (ORDERS.encode() + b"\n\n", "has a header and no rows"),
        (b"PK\x03\x04\x14\x00", "is no CSV but a spreadsheet or zip file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "is no CSV but something binary"),
        ((ORDERS + GOOD).encode("utf-16"), "is not UTF-8 (it is UTF-16): save it with the encoding UTF-8"),
        ((ORDERS + GOOD + "Zürich,2025-06-01,EUR,1\n").encode("latin-1"), "is not UTF-8 (line 3 has the byte 0xfc)"),
        ((ORDERS + GOOD * 5000 + "Zürich,2025-06-01,EUR,1\n").encode("latin-1"), "(line 5002 has the byte 0xfc)"),
        (ORDERS.replace("currency", "order_id").encode() + GOOD.encode(), "has the column order_id more than once"),
        ((ORDERS + GOOD + '2,"2025-06-01,EUR,1\n3,2025-06-01,EUR,1\n').encode(), "have the header's 4 values: line 3"),
        ((ORDERS + GOOD + '2,2025-06-01,EUR,"1\n3,2025-06-01,EUR,1\n').encode(),
         'has a quote (") in line 3 that is never closed'),
        (b"<!DOCTYPE html>\n<html>\n", "lacks the column order_id"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_such_csv_is_told_plainly(tmp_path, content, told):
    put(tmp_path, "orders.csv", content)
    assert told in error_of(tmp_path, "orders")


def test_an_endless_value_is_told_plainly(tmp_path):
    put(tmp_path, "orders.csv", ORDERS + '1,"' + "x" * (9 << 20) + "\n")
    assert "has a value of more than 4 MiB" in error_of(tmp_path, "orders")


def test_two_files_of_one_stream_are_refused(tmp_path):
    put(tmp_path, "orders.csv", ORDERS + GOOD)
    put(tmp_path, "orders.parquet", {"order_id": ["1"]})
    with pytest.raises(InputError, match=r"both orders\.csv and orders\.parquet"):
        files.present(tmp_path)
    assert "both orders.csv and orders.parquet" in error_of(tmp_path, "orders")


def test_a_stream_without_a_file_can_not_be_read(tmp_path):
    assert "neither orders.csv nor orders.parquet" in error_of(tmp_path, "orders")


@pytest.mark.parametrize(
    ("column", "values", "told"),
    [
        ("net_amount", [1.5, float("inf")], "row 2 has inf"),
        ("net_amount", [Decimal("1.5"), Decimal("1.1234567")], "row 2 has 1.1234567"),
        ("net_amount", [b"1", b"2"], "net_amount holds binary, not an"),
        ("ordered_at", [1, 2], "ordered_at holds int64, not a time"),
        ("ordered_at", [date(2025, 6, 1), date(25, 6, 1)], "row 2 has 0025-06-01"),
        ("order_id", [1.0, 2.5], "row 2 has 2.5"),
        ("currency", [None, "EUR"], "column currency has no value: row 1"),
    ],
)  # fmt: skip
def test_parquet_is_held_to_the_same_rules(tmp_path, column, values, told):
    columns = {
        "order_id": ["1", "2"],
        "ordered_at": [date(2025, 6, 1)] * 2,
        "currency": ["EUR"] * 2,
        "net_amount": [1, 2],
    }
    put(tmp_path, "orders.parquet", columns | {column: values})
    assert told in error_of(tmp_path, "orders")


def test_parquet_that_is_none_or_empty_is_told_plainly(tmp_path):
    put(tmp_path, "orders.parquet", b"no parquet at all")
    assert "is no Parquet file that can be read" in error_of(tmp_path, "orders")
    columns = {name: pa.array([], pa.string()) for name in ORDERS.strip().split(",")}
    put(tmp_path, "orders.parquet", columns)
    assert "has a header and no rows" in error_of(tmp_path, "orders")


def test_parquet_that_is_damaged_in_the_middle_is_told_plainly(tmp_path):
    put(tmp_path, "orders.parquet", {
        "order_id": [f"o{n}" for n in range(5_000)], "ordered_at": ["2025-06-01"] * 5_000, "currency": ["EUR"] * 5_000,
        "net_amount": [f"{n}.50" for n in range(5_000)],
    })  # fmt: skip
    path = tmp_path / "orders.parquet"
    content = bytearray(path.read_bytes())
    content[40:4_000] = b"\xff" * 3_960
    path.write_bytes(content)
    assert "orders.parquet breaks off after row 0" in error_of(tmp_path, "orders")


def test_no_error_shows_an_address(tmp_path):
    columns = ORDERS.strip() + ",email,phone\n"
    line = "ada@example.com,ada@example.com,ada@example.com,ada@example.com,ada@example.com,+442079460958\n"
    put(tmp_path, "orders.csv", columns + line + line)
    message = error_of(tmp_path, "orders")
    assert "(hidden)" in message and "rows with the same order_id" in message
    assert "ada" not in message and "7946" not in message
    put(tmp_path, "orders.csv", (columns + line + "ada@example.com,\xff").encode("latin-1"))
    assert "ada" not in error_of(tmp_path, "orders")


def test_a_file_that_changes_meanwhile_is_refused(tmp_path):
    put(tmp_path, "orders.csv", ORDERS + GOOD)
    options = files.reading.SourceOptions(inbox=str(tmp_path))
    pages = files.read(STREAMS["orders"], files.reading.Window(None, date(2025, 6, 1)), None, options, PRIVACY)
    with pytest.raises(InputError, match="was changed while it was read"):
        for _ in pages:
            put(tmp_path, "orders.csv", ORDERS + GOOD + GOOD)
