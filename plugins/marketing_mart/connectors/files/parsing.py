"""Batches of a file's own columns become batches of declared columns, all values of a column at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from marketing_mart.connectors.files.columns import COLUMNS, DAY_OF, HASHED, Column, landed_name, optional_keys
from marketing_mart.connectors.files.header import Header
from marketing_mart.connectors.files.problems import Problems, input_error
from marketing_mart.connectors.files.tables import Batch, TableFile
from marketing_mart.connectors.files.values import EXPECTED, expression, readable, shown, without_emails
from marketing_mart.privacy import Privacy
from marketing_mart.streams import EXTRA_COLUMN, Stream

ROW, _HASH = "_row", "_key_hash"


@dataclass(frozen=True)
class Parsed:
    """Rows with the file's columns read (emails and phones still as they are), `_row` and `_key_hash`."""

    raw: Mapping[str, pa.ChunkedArray]
    values: pa.Table

    @property
    def rows(self) -> pa.ChunkedArray:
        return self.values.column(ROW)

    @property
    def key_hashes(self) -> pa.ChunkedArray:
        return self.values.column(_HASH)


class Parser:
    """Reads the values of one file. Not for several threads."""

    def __init__(
        self, engine: duckdb.DuckDBPyConnection, stream: Stream, path: Path, header: Header, zone: str
    ) -> None:
        self._engine, self._stream, self._path, self._header = engine, stream, path, header
        self._zone = "'" + zone.replace("'", "''") + "'"

    def unreadable_types(self, schema: pa.Schema) -> list[str]:
        """What to say of columns whose type can't hold what is declared."""
        told = []
        for name, position in self._header.ours.items():
            column, kind = COLUMNS[self._stream.name][name], schema.field(position).type
            sample = readable(pa.chunked_array([], kind)).type
            if self._expression(name, column, sample) is None:
                told.append(f"{name} holds {kind}, not {EXPECTED[column.kind]}")
        return told

    def parse(self, batch: Batch) -> Parsed:
        """Values that can't be read are null in `values` where they are not in `raw`. InputError where a column is
        of a type that nothing can be made of."""
        try:
            return self._parse(batch)
        except (duckdb.Error, pa.ArrowException) as error:
            told = " ".join(shown(str(error)).split())
            raise input_error(self._stream, self._path, f"has values that can't be read: {told}") from None

    def _parse(self, batch: Batch) -> Parsed:
        raw = {name: readable(batch.table.column(at)) for name, at in self._header.ours.items()}
        unknown = {f"u{at}": readable(batch.table.column(at)) for at in self._header.unknown.values()}
        source = pa.table({**raw, **unknown, ROW: batch.rows})
        columns = [
            f"{self._expression(name, COLUMNS[self._stream.name][name], array.type)} as {_quoted(name)}"
            for name, array in raw.items()
        ]
        columns += [f"{self._extra()} as {EXTRA_COLUMN}", ROW]
        keys = ", ".join(_quoted(name) for name in self._stream.key if name in raw)
        day = DAY_OF.get(self._stream.name)
        date_day = f", cast(timezone({self._zone}, {_quoted(day)}) as date) as date_day" if day else ""
        query = f"select *, hash({keys}) as {_HASH}{date_day} from (select {', '.join(columns)} from source)"
        self._engine.register("source", source)
        return Parsed(raw, self._engine.sql(query).to_arrow_table())

    def finish(self, values: pa.Table, privacy: Privacy) -> pa.Table:
        """The stream's own columns: hashed, empty where the file has none."""
        empty_keys = optional_keys(self._stream)
        hashed = {"email": privacy.email, "phone": privacy.phone}
        source_of = {landed_name(name): name for name in COLUMNS[self._stream.name]}
        columns = []
        for field in self._stream.schema:
            name = source_of.get(field.name, field.name)
            if name not in values.column_names:
                array = pa.chunked_array([pa.nulls(values.num_rows, field.type)])
            elif name in HASHED:
                array = _hashed(values.column(name), hashed[name])
            else:
                array = values.column(name).cast(field.type)
            columns.append(pc.fill_null(array, "") if field.name in empty_keys else array)
        return pa.table(columns, schema=self._stream.schema)

    def _expression(self, name: str, column: Column, kind: pa.DataType) -> str | None:
        currency = _quoted("currency") if "currency" in self._header.ours else None
        return expression(column, kind, _quoted(name), zone=self._zone, currency=currency)

    def _extra(self) -> str:
        """JSON of the unknown columns, as texts."""
        if not self._header.unknown:
            return "cast(null as varchar)"
        pairs = ", ".join(
            "'" + name.replace("'", "''") + f"', cast(u{at} as varchar)" for name, at in self._header.unknown.items()
        )
        return without_emails(f"cast(json_object({pairs}) as varchar)")


def find_problems(stream: Stream, parsed: Parsed, file: TableFile, problems: Problems) -> None:
    """Values that are missing, can't be read or can't be right."""
    for name, raw in parsed.raw.items():
        column, value = COLUMNS[stream.name][name], parsed.values.column(name)
        if column.required and raw.null_count:
            _add(problems, f"column {name} has no value", pc.is_null(raw), None, parsed, file)
        if value.null_count > raw.null_count:
            bad = pc.and_(pc.is_valid(raw), pc.is_null(value))
            _add(problems, f"column {name} must be {EXPECTED[column.kind]}", bad, raw, parsed, file)
        for words, wrong in _bounds(column, value):
            if pc.any(wrong).as_py():
                _add(problems, f"column {name} must {words}", pc.fill_null(wrong, False), raw, parsed, file)


def _bounds(column: Column, value: pa.ChunkedArray):
    """(what must hold, which rows break it) for each bound of the column."""
    for bound, words, test in (
        (column.at_least, "not be less than", pc.less),
        (column.above, "be greater than", pc.less_equal),
        (column.at_most, "not be greater than", pc.greater),
    ):
        if bound is not None:
            yield f"{words} {bound}", test(value, pa.scalar(bound).cast(value.type))


def _add(
    problems: Problems, what: str, wrong: pa.ChunkedArray, raw: pa.ChunkedArray | None, parsed: Parsed, file: TableFile
) -> None:
    rows = parsed.rows.filter(wrong)
    few = rows.slice(0, 3).to_pylist()
    values = _listed(raw.filter(wrong).slice(0, 3)) if raw is not None else [None] * len(few)
    problems.add(
        what,
        [file.place(row) + ("" if value is None else f" has {shown(value)}")
         for row, value in zip(few, values, strict=True)],
        rows=len(rows),
    )  # fmt: skip


def _listed(array: pa.ChunkedArray) -> list:
    """As Python's values; a time beyond what Python can tell as its number of units since 1970."""
    try:
        return array.to_pylist()
    except (OverflowError, ValueError):
        return array.cast(pa.int64()).to_pylist()


def _hashed(array: pa.ChunkedArray, hash_one) -> pa.ChunkedArray:
    """Each distinct text is hashed once."""
    encoded = array.combine_chunks().dictionary_encode()
    hashes = pa.array([hash_one(text) for text in encoded.dictionary.to_pylist()], pa.string())
    return pa.chunked_array([hashes.take(encoded.indices)])


def _quoted(name: str) -> str:
    return f'"{name}"'
