"""A file as batches of columns in whatever types it has, each row with its place in the file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from marketing_mart.connectors.files.problems import Problems, input_error
from marketing_mart.streams import Stream

_ROWS_PER_BATCH = 65_536


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
        try:
            with pq.ParquetFile(path) as file:
                self.header = list(file.schema_arrow.names)
                self.stated_rows = file.metadata.num_rows
        except MemoryError:  # no fault of the file
            raise
        except pa.ArrowException as error:
            raise input_error(stream, path, f"is no Parquet file that can be read: {error}") from None

    def batches(self, problems: Problems) -> Iterator[Batch]:
        first = 0
        try:
            with pq.ParquetFile(self._path) as file:
                for batch in file.iter_batches(_ROWS_PER_BATCH):
                    rows = pa.array(range(first, first + batch.num_rows), pa.int64())
                    yield Batch(pa.Table.from_batches([batch]), rows)
                    first += batch.num_rows
        except MemoryError:
            raise
        except (pa.ArrowException, OSError) as error:  # damaged pages are an OSError to Parquet
            raise input_error(self._stream, self._path, f"breaks off after row {first}: {error}") from None

    def place(self, row: int) -> str:
        return f"row {row + 1}"
