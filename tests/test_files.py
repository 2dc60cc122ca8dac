"""The `files` source: a right file is read as it says, from CSV as from Parquet."""

import logging
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest
from files_world import ADS, MAIL, ORDERS, PRIVACY, STREAMS, put, read_rows, read_table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketing_mart.connectors import files
from marketing_mart.connectors.files.columns import COLUMNS, landed_name
from marketing_mart.errors import ConfigError, InputError
from marketing_mart.streams import EXTRA_COLUMN, Window

MINIMAL = {
    "ad_performance": ADS,
    "sessions": "session_id,visitor_id,started_at\ns1,v1,2025-06-01 10:00:00\n",
    "orders": ORDERS + "1,2025-06-01,EUR,9.90\n",
    "order_lines": "order_id,line_id,product_id,quantity,unit_price\n1,1,p,1.5,3\n",
    "contacts": "contact_id,created_at\nc,2025-06-01\n",
    "deals": "deal_id,created_at,stage,amount,currency\nd,2025-06-01,won,5,USD\n",
    "email_campaigns": MAIL + "m,Mail,2025-06-01,9,8,7,6\n",
    "events": "event_id,occurred_at,event_name\ne,2025-06-01T00:00,fair\n",
    "experiments": "experiment,variant,person_id,exposed_at\nx,b,p,2025-06-01\n",
    "promotions": "promotion_id,product_id,starts_on,ends_on\nq,p,2025-06-01,2025-06-02\n",
    "costs": "date_day,kind,amount,currency\n2025-06-01,agency,5,EUR\n",
    "budgets": "month,channel,amount,currency\n2025-06,Paid Social,5,EUR\n",
    "targets": "month,kpi,floor,target,stretch\n2025-06,orders,1,2,3\n",
    "fx_rates": "date_day,from_currency,to_currency,rate\n2025-06-01,EUR,USD,1.0866\n",
}


@pytest.mark.parametrize("stream", files.STREAMS, ids=lambda stream: stream.name)
def test_every_stream_reads_a_file_with_just_its_required_columns(tmp_path, stream):
    put(tmp_path, f"{stream.name}.csv", MINIMAL[stream.name])
    table = read_table(tmp_path, stream)
    assert table.num_rows == 1 and table.schema == stream.schema
    (row,) = table.to_pylist()
    assert all(row[name] is not None for name in stream.key)
    assert files.present(tmp_path) == [stream]


@pytest.mark.parametrize("stream", files.STREAMS, ids=lambda stream: stream.name)
def test_every_landed_column_comes_from_a_column_of_the_file(stream):
    from_file = {landed_name(name) for name in COLUMNS[stream.name]}
    assert from_file | {EXTRA_COLUMN} == set(stream.schema.names) - (
        {"date_day"} if "date_day" not in COLUMNS[stream.name] else set()
    )


def test_csv_and_parquet_of_one_content_read_alike(tmp_path):
    put(
        tmp_path, "orders.csv",
        "order_id,ordered_at,currency,net_amount,customer_id,discount_amount,status\n"
        "1,2025-06-01 10:00:00,EUR,9.90,7,,paid\n2,2025-06-02 23:59:59.5,JPY,-1200,,0.5,\n",
    )  # fmt: skip
    put(
        tmp_path, "deals.parquet",
        {"order_id": [1, 2], "ordered_at": [datetime(2025, 6, 1, 10), datetime(2025, 6, 2, 23, 59, 59, 500000)],
         "currency": ["EUR", "jpy"], "net_amount": [9.9000001, -1200.004], "customer_id": [7.0, float("nan")],
         "discount_amount": [None, Decimal("0.5")], "status": pa.array(["paid", ""]).dictionary_encode()},
    )  # fmt: skip
    from_csv = read_rows(tmp_path, "orders")
    (tmp_path / "orders.csv").unlink()
    (tmp_path / "deals.parquet").rename(tmp_path / "orders.parquet")
    assert read_rows(tmp_path, "orders") == from_csv
    assert [row["net_amount"] for row in from_csv] == [Decimal("9.9"), Decimal(-1200)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "windows"])
def test_the_usual_spellings_of_csv_are_read(tmp_path, delimiter, start, end):
    lines = [ORDERS.strip(), "1,2025-06-01,EUR,9.90", "", '"2",2025-06-01,EUR," 1 "', ""]
    put(tmp_path, "orders.csv", start + end.join(lines).replace(",", delimiter).encode())
    assert [(row["order_id"], row["net_amount"]) for row in read_rows(tmp_path, "orders")] == [
        ("1", Decimal("9.9")),
        ("2", 1),
    ]


def test_quotes_line_breaks_and_other_scripts_survive(tmp_path):
    header = "order_id,line_id,product_id,quantity,unit_price,product_name\n"
    put(tmp_path, "order_lines.csv", header + '1,1,p,1,1,"a ""7"" frame,\nred"\n1,2,p,1,1,茶壶 – ☕\n')
    assert [row["product_name"] for row in read_rows(tmp_path, "order_lines")] == ['a "7" frame,\nred', "茶壶 – ☕"]


@pytest.mark.parametrize(
    ("text", "zone", "utc"),
    [
        ("2025-06-01 10:00:00", "UTC", datetime(2025, 6, 1, 10)),
        ("2025-06-01T10:00", "Europe/Berlin", datetime(2025, 6, 1, 8)),
        ("2025-01-01", "Asia/Shanghai", datetime(2024, 12, 31, 16)),
        ("2025-06-01T10:00:00Z", "Europe/Berlin", datetime(2025, 6, 1, 10)),
        ("2025-06-01 10:00+0530", "Europe/Berlin", datetime(2025, 6, 1, 4, 30)),
        ("2025-06-01 10:00:01.25 -03", "UTC", datetime(2025, 6, 1, 13, 0, 1, 250000)),
        ("2025-06-01 10:00:00.123456789 UTC", "UTC", datetime(2025, 6, 1, 10, 0, 0, 123456)),
    ],
)
def test_times_without_an_offset_are_in_the_reporting_zone(tmp_path, text, zone, utc):
    put(tmp_path, "orders.csv", ORDERS + f"1,{text},EUR,1\n")
    (row,) = read_rows(tmp_path, "orders", zone=zone)
    assert row["ordered_at"] == utc.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "kind",
    [
        *(pa.timestamp(unit) for unit in ("ns", "us", "ms", "s")),
        pa.timestamp("us", "Asia/Tokyo"),
        pa.date32(),
        pa.date64(),
    ],
    ids=str,
)
def test_times_of_parquet_are_read_whatever_their_type(tmp_path, kind):
    moment = pa.array([datetime(2025, 6, 1, tzinfo=UTC)], pa.timestamp("us", "UTC"))
    moments = moment.cast(kind) if pa.types.is_date(kind) or kind.tz else moment.cast(pa.timestamp("us")).cast(kind)
    put(tmp_path, "orders.parquet", {"order_id": ["1"], "ordered_at": moments, "currency": ["EUR"], "net_amount": [1]})
    assert read_rows(tmp_path, "orders")[0]["ordered_at"] == datetime(2025, 6, 1, tzinfo=UTC)


def test_times_of_parquet_without_an_offset_are_in_the_reporting_zone(tmp_path):
    for moment in (date(2025, 6, 1), datetime(2025, 6, 1)):
        columns = {"order_id": ["1"], "ordered_at": [moment], "currency": ["EUR"], "net_amount": [1]}
        put(tmp_path, "orders.parquet", columns)
        (row,) = read_rows(tmp_path, "orders", zone="Europe/Berlin")
        assert row["ordered_at"] == datetime(2025, 5, 31, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("currency", "amount", "read"),
    [
        ("EUR", 0.1 + 0.2, "0.3"),
        ("EUR", 2.675, "2.68"),
        ("JPY", 1200.4, "1200"),
        ("KWD", 1.2345, "1.235"),
        ("RSD", 1.49, "1.49"),
    ],
)
def test_floats_are_rounded_to_the_currency_s_minor_unit(tmp_path, currency, amount, read):
    columns = {"order_id": ["1"], "ordered_at": [date(2025, 6, 1)], "currency": [currency], "net_amount": [amount]}
    put(tmp_path, "orders.parquet", columns)
    assert read_rows(tmp_path, "orders")[0]["net_amount"] == Decimal(read)


def test_a_session_belongs_to_its_reporting_day_and_only_the_window_is_read(tmp_path):
    lines = [
        "a,v,2025-05-31T23:30:00Z",
        "b,v,2025-06-30T21:59:00Z",
        "c,v,2025-06-30T22:00:00Z",
        "d,v,2025-05-31T21:00:00Z",
    ]
    put(tmp_path, "sessions.csv", "session_id,visitor_id,started_at\n" + "\n".join(lines))
    rows = read_rows(tmp_path, "sessions", zone="Europe/Berlin")
    assert [(row["session_id"], row["date_day"]) for row in rows] == [("a", date(2025, 6, 1)), ("b", date(2025, 6, 30))]


def test_an_entity_s_file_is_read_whole_whatever_the_window(tmp_path):
    put(tmp_path, "orders.csv", ORDERS + "1,2019-01-01,EUR,1\n2,2025-07-30,EUR,1\n")
    assert len(read_rows(tmp_path, "orders", window=Window(date(2025, 6, 3), date(2025, 6, 3)))) == 2


@pytest.mark.parametrize(
    ("text", "flag"),
    [("true", True), ("YES", True), ("1", True), ("False", False), ("no", False), ("0", False), ("", None)],
)
def test_flags_are_read_in_their_spellings(tmp_path, text, flag):
    put(tmp_path, "sessions.csv", f"session_id,visitor_id,started_at,is_engaged\ns,v,2025-06-01,{text}\n")
    assert read_rows(tmp_path, "sessions")[0]["is_engaged"] is flag


def test_emails_and_phones_land_as_hashes_only(tmp_path):
    put(tmp_path, "orders.csv", ORDERS.strip() + ",email,phone\n1,2025-06-01,EUR,1,Ada+x@Example.com,020 7946 0958\n"
        "2,2025-06-01,EUR,1,n/a,\n")  # fmt: skip
    first, second = read_rows(tmp_path, "orders")
    assert first["email_hash"] == PRIVACY.email("ada@example.com")
    assert first["phone_hash"] == PRIVACY.phone("+442079460958") is not None
    assert second["email_hash"] is None and second["phone_hash"] is None


def test_links_and_unknown_columns_carry_no_address(tmp_path):
    put(tmp_path, "sessions.csv", "session_id,visitor_id,started_at,landing_url,note,Customer Name\n"
        "s,v,2025-06-01,https://a.example/?e=ada%40example.com&x=1,write to ada@example.com,Ada\n")  # fmt: skip
    (row,) = read_rows(tmp_path, "sessions")
    assert row["landing_url"] == "https://a.example/?e=(removed)&x=1"
    assert row["_extra"] == '{"note":"write to (removed)"}'


def test_unknown_columns_are_kept_and_told_of_once(tmp_path, caplog):
    rows = "".join(f"{n},2025-06-01,EUR,1,blue,{n}\n" for n in range(3))
    put(tmp_path, "orders.csv", f"{ORDERS.strip()},Colour,colour\n{rows}")
    with caplog.at_level(logging.WARNING):
        table = read_rows(tmp_path, "orders")
    assert table[2]["_extra"] == '{"Colour":"blue","colour":"2"}'
    assert [record.message for record in caplog.records] == [
        f"files/orders: {tmp_path}/orders.csv: unknown columns, kept in _extra: Colour, colour"
    ]


def test_personal_unknown_columns_are_left_out_and_told_of(tmp_path, caplog):
    put(
        tmp_path,
        "orders.csv",
        f"{ORDERS.strip()},billing_email,first name,region\n1,2025-06-01,EUR,1,a@b.example,Ada,N\n",
    )
    (row,) = read_rows(tmp_path, "orders")
    assert row["_extra"] == '{"region":"N"}'
    assert "look personal, left out: billing_email, first name" in caplog.text


def test_a_mapping_of_the_configuration_renames_columns(tmp_path):
    put(tmp_path, "orders.csv", "Bestellnr;Datum;currency;Netto;status\n1;2025-06-01;EUR;5;x\n")
    columns = {"order_id": "Bestellnr", "ordered_at": "Datum", "net_amount": "Netto"}
    (row,) = read_rows(tmp_path, "orders", columns=columns)
    assert (row["order_id"], row["net_amount"], row["status"], row["_extra"]) == ("1", 5, "x", None)


def test_a_mapping_to_nothing_or_of_nothing_is_an_error(tmp_path):
    put(tmp_path, "orders.csv", ORDERS + "1,2025-06-01,EUR,5\n")
    with pytest.raises(InputError, match=r"the column Status \(mapped to status\)"):
        read_rows(tmp_path, "orders", columns={"status": "Status"})
    with pytest.raises(ConfigError, match=r"columns\.orders: files/orders has no column state"):
        read_rows(tmp_path, "orders", columns={"state": "order_id"})


def test_a_missing_optional_key_column_is_an_empty_text_and_others_are_null(tmp_path):
    put(tmp_path, "ad_performance.csv", ADS)
    (row,) = read_rows(tmp_path, "ad_performance")
    assert (row["ad_group_id"], row["ad_id"], row["channel"]) == ("", "", None)


def test_a_large_file_comes_in_bounded_pages(tmp_path):
    lines = "".join(f"{n},2025-06-01 10:00:00,EUR,{n}.25\n" for n in range(250_000))
    put(tmp_path, "orders.csv", ORDERS + lines)
    options = files.reading.SourceOptions(inbox=str(tmp_path))
    pages = list(files.read(STREAMS["orders"], Window(None, date(2025, 6, 1)), None, options, PRIVACY))
    assert len(pages) > 1 and sum(page.table.num_rows for page in pages) == 250_000
    assert pages[-1].table.column("net_amount")[-1].as_py() == Decimal("249999.25")


def test_the_rows_that_a_parquet_file_states_are_passed_on(tmp_path):
    put(
        tmp_path,
        "orders.parquet",
        {"order_id": ["1"], "ordered_at": [date(2025, 6, 1)], "currency": ["EUR"], "net_amount": [1]},
    )
    options = files.reading.SourceOptions(inbox=str(tmp_path))
    (page,) = files.read(STREAMS["orders"], Window(None, date(2025, 6, 1)), None, options, PRIVACY)
    assert page.stated_rows == 1


def test_a_stream_without_a_file_is_off_and_other_files_are_told_of(tmp_path):
    assert files.present(tmp_path / "nowhere") == [] and files.unknown_files(tmp_path / "nowhere") == []
    for name in ("orders.csv", "fx_rates.parquet", "ordres.csv", "readme.txt", ".DS_Store"):
        put(tmp_path, name, "x")
    (tmp_path / "old").mkdir()
    assert [stream.name for stream in files.present(tmp_path)] == ["orders", "fx_rates"]
    assert files.unknown_files(tmp_path) == ["ordres.csv", "readme.txt"]


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zs", "Zl", "Zp", "Cs"]), min_size=1),
            st.datetimes(datetime(1900, 1, 2), datetime(2199, 12, 30)),
            st.sampled_from(["EUR", "usd", "JPY"]),
            st.decimals("-999999999999", "999999999999", places=6),
        ),
        min_size=1, max_size=20, unique_by=lambda row: row[0],
    ),
    hours=st.integers(-12, 14),
)  # fmt: skip
def test_what_is_written_as_csv_is_what_is_read(tmp_path, rows, hours):
    offset = f"{hours:+03d}:00"
    text = "".join(f"{_quoted(key)},{at.isoformat()}{offset},{code},{amount}\n" for key, at, code, amount in rows)
    put(tmp_path, "orders.csv", ORDERS + text)
    assert [
        (r["order_id"], r["ordered_at"], r["currency"], r["net_amount"]) for r in read_rows(tmp_path, "orders")
    ] == [
        (key, (at - timedelta(hours=hours)).replace(tzinfo=UTC), code.upper(), amount) for key, at, code, amount in rows
    ]
