"""CSV as it comes: read in blocks as texts, with the line of every row known for the messages."""

import codecs
import csv
import io
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from marketing_mart.connectors.files import limits
from marketing_mart.connectors.files.problems import Problems, input_error
from marketing_mart.connectors.files.tables import Batch
from marketing_mart.errors import InputError
from marketing_mart.streams import Stream

_BLOCK_BYTES = limits.VALUE_BYTES  # a single value can't be larger than a block
_HEAD_BYTES = 1 << 16
_DELIMITERS = ",;\t|"
_CONTROL = set(range(32)) - set(b"\t\n\r\f\x1a\x1b")  # bytes that no text has
_BINARY = {b"PK\x03\x04": "a spreadsheet or zip file", b"PAR1": "Parquet", b"\x1f\x8b": "gzip", b"%PDF": "PDF"}


class CsvFile:
    """A CSV file with a header line. `known`: the names that a header may have, to tell its delimiter by."""

    stated_rows = None

    def __init__(self, stream: Stream, path: Path, known: Collection[str]) -> None:
        self._stream, self._path = stream, path
        limits.check_size(stream, path)
        head = self._head()
        self._quotes = self._check_encoding()
        self._delimiter, self.header = _header(head, known)
        limits.check_columns(stream, path, len(self.header))
        self._skipped: list[tuple[int, int]] = []  # rows of a wrong width: physical number, values
        self._breaks: list[tuple[np.ndarray, np.ndarray]] = []  # rows with line breaks inside a value: which, how many

    def batches(self, problems: Problems) -> Iterator[Batch]:
        """Rows that are whole; others are problems. Blank lines are left out."""
        first, last_has_break = 0, False
        self._skipped, self._breaks = [], []
        try:
            for record in self._reader():
                table = pa.Table.from_batches([record])
                limits.check_values(self._stream, self._path, table.rename_columns(self.header), first)
                breaks = _line_breaks(table)
                self._note_breaks(first, breaks)
                last_has_break = bool(len(breaks)) and breaks[-1] > 0
                rows = pa.array(np.arange(first, first + table.num_rows))
                first += table.num_rows
                is_blank = np.logical_and.reduce([np.asarray(column.is_null()) for column in table.columns])
                if is_blank.any():
                    keep = pa.array(~is_blank)
                    table, rows = table.filter(keep), rows.filter(keep)
                yield Batch(table, rows)
        except MemoryError:  # Arrow's own is one of its exceptions too; that memory ran out is no fault of the file
            raise
        except pa.ArrowException:  # its message may quote a row, so it isn't passed on
            what = f'has a value of more than {_BLOCK_BYTES >> 20} MiB: is a quote (") never closed?'
            raise input_error(self._stream, self._path, what) from None
        for number, width in self._skipped:  # told only now: the reader is ahead of the lines counted so far
            place = f"line {number + self._breaks_before(number)} has {width}"
            problems.add(f"rows that don't have the header's {len(self.header)} values", [place])
        if last_has_break and self._quotes % 2:
            raise input_error(
                self._stream, self._path, f'has a quote (") in {self.place(first - 1)} that is never closed'
            )

    def place(self, row: int) -> str:
        """The line on which a row begins, as an editor counts."""
        physical = row + 2  # rows count from 0, lines from 1, and the header is the first
        for skipped, _ in sorted(self._skipped):
            if skipped <= physical:
                physical += 1
        within = sum(int(counts[rows < row].sum()) for rows, counts in self._breaks)
        return f"line {physical + within}"

    def _reader(self) -> arrow_csv.CSVStreamingReader:
        names = [str(number) for number in range(len(self.header))]  # the file's own may stand twice

        def note(row: arrow_csv.InvalidRow) -> str:
            self._skipped.append((row.number, row.actual_columns))
            return "skip"

        return arrow_csv.open_csv(
            self._path,
            read_options=arrow_csv.ReadOptions(
                use_threads=False, block_size=_BLOCK_BYTES, column_names=names, skip_rows_after_names=1
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self._delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=note
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )

    def _head(self) -> str:
        with self._path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        if not head.strip():
            raise input_error(self._stream, self._path, "is empty")
        what = next((name for magic, name in _BINARY.items() if head.startswith(magic)), "")
        if head.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise self._not_utf8("it is UTF-16")
        if what or _CONTROL & set(head):
            raise input_error(self._stream, self._path, f"is no CSV but {what or 'something binary'}")
        return head.decode("utf-8-sig", errors="ignore")  # the last letter may be cut; the rest is checked as a whole

    def _check_encoding(self) -> int:
        """How many quotes the file has, once all of it is known to be UTF-8: Arrow trips over rows that are not."""
        decoder, quotes = codecs.getincrementaldecoder("utf-8")(), 0
        with self._path.open("rb") as file:
            try:
                while block := file.read(_BLOCK_BYTES):
                    quotes += decoder.decode(block).count('"')
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                raise self._not_utf8(self._first_foreign_line()) from None
        return quotes

    def _first_foreign_line(self) -> str:
        with self._path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                try:
                    line.decode()
                except UnicodeDecodeError as error:
                    return f"line {number} has the byte 0x{line[error.start]:02x}"
        return "its end is cut off"

    def _not_utf8(self, why: str) -> InputError:
        return input_error(self._stream, self._path, f"is not UTF-8 ({why}): save it with the encoding UTF-8")

    def _note_breaks(self, first: int, breaks: np.ndarray) -> None:
        rows = np.flatnonzero(breaks)
        if len(rows):
            self._breaks.append((rows + first, breaks[rows]))

    def _breaks_before(self, physical: int) -> int:
        """Line breaks inside the values of the rows above."""
        return sum(int(counts[rows + 2 < physical].sum()) for rows, counts in self._breaks)


def _header(head: str, known: Collection[str]) -> tuple[str, list[str]]:
    """Delimiter and names: the reading of the first line that finds most known names, then most names."""
    readings = []
    for delimiter in _DELIMITERS:
        try:
            names = [name.strip() for name in next(csv.reader(io.StringIO(head), delimiter=delimiter), [])]
        except csv.Error:  # a lone carriage return, or a quote that is never closed
            names = []
        readings.append((len(set(names) & set(known)), len(names), delimiter, names))
    _, _, delimiter, names = max(readings, key=lambda reading: reading[:2])
    return delimiter, names


def _line_breaks(table: pa.Table) -> np.ndarray:
    """How many line breaks the values of each row have."""
    counts = np.zeros(table.num_rows, dtype=np.int64)
    for column in table.columns:
        found = pc.count_substring(column, "\n")
        if pc.any(pc.greater(found, 0)).as_py():
            counts += pc.fill_null(found, 0).to_numpy().astype(np.int64)
    return counts
