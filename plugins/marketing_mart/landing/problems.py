"""What goes wrong below the landing (disk, Parquet, DuckDB) becomes one LandingError."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from marketing_mart.errors import LandingError
from marketing_mart.streams import Stream


@contextmanager
def durable(stream: Stream, path: Path) -> Iterator[None]:
    """For steps that write or read the landing's own files, never around a source's own work: a connection
    that breaks is an OSError as well."""
    try:
        yield
    except (OSError, duckdb.Error, pa.ArrowException) as error:
        raise LandingError(
            f"{stream.label}: its rows could not be made durable at {path}: {error}",
            next_step="see that the disk of MART_HOME has space and can be written, then run again",
        ) from error
