"""A file as batches of columns in whatever types it has, each row with its place in the file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from marketing_mart.connectors.files import limits
from marketing_mart.connectors.files.problems import Problems, input_error
from marketing_mart.streams import Stream

_ROWS_PER_BATCH = 65_536
# What Arrow raises of a file that is cut or was tampered with, besides its own errors.
_UNREADABLE = (pa.ArrowException, OSError, ValueError, OverflowError)


@dataclass(frozen=True)
class Batch:
    """Some rows, and the number of each in the file (from 0), which `place` turns into words."""

    table: pa.Table
    rows: pa.Array


class TableFile(Protocol):
    """A CSV or Parquet file. `header`: its column names. `stated_rows`: how many rows it says it has."""

    header: list[str]
    stated_rows: int | None

    def batches(self, problems: Problems) -> Iterator[Batch]: ...

    def place(self, row: int) -> str: ...


class ParquetFile:
    """A Parquet file, in batches of a bounded number of rows."""

    def __init__(self, stream: Stream, path: Path) -> None:
        self._stream, self._path = stream, path
        limits.check_size(stream, path)
        try:
            with pq.ParquetFile(path) as file:
                self._check_claims(file.metadata)
                self.header = list(file.schema_arrow.names)
                self.stated_rows = file.metadata.num_rows
        except MemoryError:  # no fault of the file
            raise
        except _UNREADABLE as error:
            raise input_error(stream, path, f"is no Parquet file that can be read: {_told(error)}") from None
        limits.check_columns(stream, path, len(self.header))

    def batches(self, problems: Problems) -> Iterator[Batch]:
        first = 0
        try:
            with pq.ParquetFile(self._path) as file:
                for batch in file.iter_batches(_ROWS_PER_BATCH):
                    table = pa.Table.from_batches([batch])
                    table.validate(full=True)  # a broken file's texts may be no texts, and its ends lie outside
                    limits.check_values(self._stream, self._path, table, first)
                    yield Batch(table, pa.array(range(first, first + batch.num_rows), pa.int64()))
                    first += batch.num_rows
        except MemoryError:
            raise
        except _UNREADABLE as error:
            told = _told(error)
            raise input_error(self._stream, self._path, f"breaks off after row {first}: {told}") from None

    def _check_claims(self, told: pq.FileMetaData) -> None:
        """What the file says of itself, before anything is unpacked."""
        groups = [told.row_group(place).total_byte_size for place in range(min(told.num_row_groups, limits.GROUPS + 1))]
        for what, found, most in (
            ("rows", told.num_rows, limits.ROWS),
            ("row groups", told.num_row_groups, limits.GROUPS),
            ("bytes in one row group, unpacked", max(groups, default=0), limits.GROUP_BYTES),
        ):
            if not 0 <= found <= most:
                raise input_error(self._stream, self._path, f"says it has {found:,} {what}; at most {most:,} are read")

    def place(self, row: int) -> str:
        return f"row {row + 1}"


def _told(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
