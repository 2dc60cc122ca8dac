"""Whatever lies in the inbox is read as its stream declares, or refused with file, column and row."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fuzzing import NASTY, check_accepted, fuzzed, refused_or
from hypothesis import strategies as st

from marketing_mart.connectors import files
from marketing_mart.connectors.files.columns import COLUMNS
from marketing_mart.connectors.sound import sound
from marketing_mart.privacy import Privacy, impersonal
from marketing_mart.streams import Page, SourceOptions, Window

STREAMS = {stream.name: stream for stream in files.STREAMS}
JUNE = Window(date(2025, 6, 1), date(2025, 6, 30))
PRIVACY = Privacy(b"k" * 32)
GOOD = {
    "text": "a", "url": "https://a.example/?utm_source=x", "count": "3", "amount": "1.50", "number": "2", "rate": "0.5",
    "day": "2025-06-03", "month": "2025-06", "instant": "2025-06-03T10:00:00Z", "flag": "true", "currency": "EUR",
    "email": "ada@example.com", "phone": "+49 30 901820",
}  # fmt: skip
TEXTS = [value for value in NASTY if isinstance(value, str)]
TEXTS += ["2025-06-03 10:00:00,5", "1e5", "+.5", "TRUE", "eur", "#REF!"]
CELLS = st.sampled_from(TEXTS) | st.text(max_size=6)


def read(folder: Path, name: str, suffix: str, content: bytes) -> list[Page] | None:
    path = folder / f"{name}.{suffix}"
    path.write_bytes(content)
    options = SourceOptions(inbox=str(folder), timezone="Europe/Berlin")
    stream = STREAMS[name]

    def act() -> list[Page]:
        window = files.narrowed(stream, JUNE, options) if stream.kind == "report" else JUNE
        return list(impersonal(sound(stream, files.read(stream, window, None, options, PRIVACY)), PRIVACY))

    try:
        pages = refused_or(act)
    except MemoryError:  # a broken size asked for too much; the stage tells of it
        return None
    if pages is not None:
        check_accepted(stream, pages)
    return pages


def csv_of(name: str, rows: list[dict[str, str]]) -> bytes:
    header = list(COLUMNS[name])

    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\n\r') else text

    lines = [header, *([row.get(column, GOOD[COLUMNS[name][column].kind]) for column in header] for row in rows)]
    return "\n".join(",".join(map(cell, line)) for line in lines).encode("utf-8", "surrogatepass")


@pytest.fixture(scope="module")
def inbox(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("inbox")


@pytest.mark.parametrize("name", sorted(STREAMS))
def test_the_files_that_are_made_worse_are_read_as_they_are(inbox, name):
    assert sum(page.table.num_rows for page in read(inbox, name, "csv", csv_of(name, [{}]))) == 1
    (inbox / f"{name}.csv").unlink()


@pytest.mark.parametrize("name", sorted(STREAMS))
@fuzzed(
    cells=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2), CELLS), min_size=1, max_size=3),
    cut=st.none() | st.integers(0, 400),
    share=0.3,
)
def test_a_csv_with_something_wrong_in_it(inbox, name, cells, cut):
    header = list(COLUMNS[name])
    keys = [column for column in STREAMS[name].key if column in header]
    kinds = {column: COLUMNS[name][column].kind for column in keys}
    rows = [{column: f"{GOOD['text']}{n}" for column in keys if kinds[column] == "text"} for n in range(3)]
    for column, row, text in cells:
        rows[row][header[column % len(header)]] = text
    content = csv_of(name, rows)
    read(inbox, name, "csv", content if cut is None else content[:cut])
    (inbox / f"{name}.csv").unlink()


@fuzzed(content=st.binary(max_size=200) | st.text('",;\r\n\tab1\ufeff', max_size=60).map(str.encode), bom=st.booleans())
def test_bytes_that_are_called_csv(inbox, content, bom):
    read(
        inbox,
        "orders",
        "csv",
        (b"\xef\xbb\xbf" if bom else b"") + b"order_id,ordered_at,currency,net_amount\n" + content,
    )
    read(inbox, "orders", "csv", content)
    (inbox / "orders.csv").unlink()


ARRAYS = st.sampled_from([
    pa.array(["o", None], pa.large_string()), pa.array([float("nan"), float("inf")]), pa.array([1e300, -1e300]),
    pa.array([Decimal("1e30"), None], pa.decimal256(60, 2)), pa.array([2**63, 0], pa.uint64()),
    pa.array([True, None]), pa.array([datetime(9999, 12, 31, tzinfo=UTC), None]), pa.nulls(2),
    pa.array([date(1, 1, 1), date(9999, 12, 31)]), pa.array([-(2**62), 2**62], pa.timestamp("ns")),
    pa.array([2**52, 0], pa.timestamp("s", tz="UTC")), pa.array([b"\xff\x00", b""]), pa.array([[1], []]),
    pa.array([{"a": 1}, None]), pa.array([0, 86_399], pa.time32("s")), pa.array(["EUR", "EUR"]).dictionary_encode(),
    pa.array([1, 2], pa.duration("s")), pa.array(["o1", "o2"]), pa.array(["2025-06-03", "2025-06-04"]),
    pa.array(["1.5", "-1"]), pa.array([0.1, 0.2], pa.float16()), pa.array([1, None]),
])  # fmt: skip


@fuzzed(
    arrays=st.lists(ARRAYS, min_size=5, max_size=5),
    broken=st.none() | st.tuples(st.integers(0, 10**6), st.integers(0, 255)),
)
def test_a_parquet_file_of_any_types_and_with_broken_bytes(inbox, arrays, broken):
    names = ["order_id", "ordered_at", "currency", "net_amount", "unknown"]
    sink = io.BytesIO()
    pq.write_table(pa.table(dict(zip(names, arrays, strict=True))), sink)
    content = bytearray(sink.getvalue())
    if broken:
        content[broken[0] % len(content)] = broken[1]
    read(inbox, "orders", "parquet", bytes(content))
    (inbox / "orders.parquet").unlink()


@fuzzed(at=st.integers(0, 10**6), put=st.binary(min_size=1, max_size=8), cut=st.booleans())
def test_a_parquet_file_that_was_right_but_for_a_few_bytes(inbox, at, put, cut):
    table = pa.table({
        "order_id": [str(n) for n in range(50)], "ordered_at": [datetime(2025, 6, 3, tzinfo=UTC)] * 50,
        "currency": ["EUR"] * 50, "net_amount": [1.5] * 50,
    })  # fmt: skip
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    content = sink.getvalue()
    at %= len(content)
    read(inbox, "orders", "parquet", content[:at] if cut else content[:at] + put + content[at + len(put) :])
    (inbox / "orders.parquet").unlink()
