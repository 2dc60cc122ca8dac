"""What is too large is refused before it fills the memory or the disk, and what can't be is refused before it lands."""

import gzip
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from files_world import JUNE, ORDERS, put, read_rows
from loopback import Answer, serving

from marketing_mart.connectors.client import client
from marketing_mart.connectors.files import limits
from marketing_mart.connectors.sound import sound
from marketing_mart.errors import InputError, SourceMalformed
from marketing_mart.streams import DAY, INSTANT, TEXT, Page, Stream, columns

ROW = "1,2025-06-01,EUR,1\n"


@pytest.mark.parametrize("encoding", ["gzip", "gzip, gzip"])
def test_a_body_that_unfolds_to_more_than_is_allowed_is_let_go(encoding):
    body = b" " * 20_000_000
    for _ in encoding.split(","):
        body = gzip.compress(body)
    with serving() as served, client(served.url, label="hubspot/contacts", max_bytes=100_000) as api:
        served.instead = [Answer(200, body, {"Content-Encoding": encoding})]
        with pytest.raises(SourceMalformed, match="the answer is larger than 100000 bytes"):
            api.get("/x")


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    put(tmp_path, "orders.csv", ORDERS + ROW * 9)
    monkeypatch.setattr(limits, "FILE_BYTES", 100)
    with pytest.raises(InputError, match=r"orders\.csv has 211 bytes; at most 100 are read"):
        read_rows(tmp_path, "orders")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_file_of_too_many_columns_is_not_read(tmp_path, suffix):
    names = [*ORDERS.strip().split(","), *(f"x{n}" for n in range(997))]
    values = [*ROW.strip().split(","), *["y"] * 997]
    text = ",".join(names) + "\n" + ",".join(values) + "\n"
    put(tmp_path, f"orders.{suffix}", text if suffix == "csv" else {n: [v] for n, v in zip(names, values, strict=True)})
    with pytest.raises(InputError, match=r"has 1,001 columns; at most 1,000 are read"):
        read_rows(tmp_path, "orders")


@pytest.mark.parametrize(("limit", "most", "told"), [
    ("ROWS", 4, "says it has 5 rows; at most 4 are read"),
    ("GROUPS", 0, "says it has 1 row groups; at most 0 are read"),
    ("GROUP_BYTES", 10, r"says it has \d+ bytes in one row group, unpacked; at most 10 are read"),
])  # fmt: skip
def test_a_parquet_file_is_held_to_what_it_says_of_itself_before_it_is_unpacked(
    tmp_path, monkeypatch, limit, most, told
):
    put(tmp_path, "orders.parquet", _five_orders())
    monkeypatch.setattr(limits, limit, most)
    with pytest.raises(InputError, match=told):
        read_rows(tmp_path, "orders")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_single_giant_value_is_refused(tmp_path, suffix):
    """Zeros pack well: the Parquet file is a few kilobytes."""
    giant = "0" * (limits.VALUE_BYTES + 1)
    if suffix == "csv":
        put(tmp_path, "orders.csv", f"{ORDERS}{ROW}{giant},2025-06-01,EUR,1\n")
    else:
        put(tmp_path, "orders.parquet", _five_orders() | {"note": ["", giant, "", "", ""]})
        assert (tmp_path / "orders.parquet").stat().st_size < 500_000
    with pytest.raises(InputError, match=r"has a value of (4,194,305 bytes in (order_id|note)|more than 4 MiB)"):
        read_rows(tmp_path, "orders")


def _five_orders() -> dict:
    return {
        "order_id": list("12345"), "ordered_at": ["2025-06-01"] * 5, "currency": ["EUR"] * 5, "net_amount": ["1"] * 5,
    }  # fmt: skip


HISTORY = pa.list_(pa.struct([("stage", TEXT), ("entered_at", INSTANT)]))
DEALS = Stream(
    "hubspot", "deals", "report", columns(deal_id=TEXT, date_day=DAY, history=HISTORY), ("deal_id",), "date_day"
)


def _at(year: int) -> datetime:
    return datetime(year, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"deal_id": None}, "hubspot/deals: 1 of 2 rows have no deal_id"),
        ({"date_day": None}, "hubspot/deals: 1 of 2 rows have no date_day"),
        ({"date_day": date(1, 1, 1)}, "1 of 2 rows have a time in date_day that is before 1900-01-01"),
        ({"history": [{"entered_at": _at(1970)}, {"entered_at": _at(9999)}]}, "1 of 2 rows have a time in history"),
    ],
)
def test_a_row_without_its_key_or_of_an_impossible_time_does_not_land(row, told):
    good = {"deal_id": "1", "date_day": JUNE.first, "history": [{"stage": "won", "entered_at": _at(2025)}]}
    pages = [Page(pa.Table.from_pylist([good, good | row], DEALS.schema))]
    with pytest.raises(SourceMalformed, match=told):
        list(sound(DEALS, iter(pages)))
    fine = [Page(pa.Table.from_pylist([good, good | {"history": None}], DEALS.schema), stated_rows=2)]
    assert list(sound(DEALS, iter(fine))) == fine


def test_fewer_than_no_rows_are_not_stated():
    with pytest.raises(SourceMalformed, match="it says that it has -1 rows"):
        list(sound(DEALS, iter([Page(DEALS.schema.empty_table(), stated_rows=-1)])))
