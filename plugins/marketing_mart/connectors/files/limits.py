"""What a file may be at most: a slip or an attack must not fill the memory or the disk of who reads it.

Files are read in batches, so these are far above any honest export; a packed file is measured as it is unpacked.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from marketing_mart.connectors.files.problems import input_error
from marketing_mart.streams import Stream

FILE_BYTES = 64 << 30
COLUMNS = 1_000
ROWS = 1_000_000_000
VALUE_BYTES = 4 << 20  # of one text
GROUP_BYTES = 4 << 30  # of a Parquet row group, unpacked
GROUPS = 100_000


def check_size(stream: Stream, path: Path) -> None:
    """InputError where the file is larger than any that is read."""
    if (size := path.stat().st_size) > FILE_BYTES:
        raise input_error(stream, path, f"has {size:,} bytes; at most {FILE_BYTES:,} are read")


def check_columns(stream: Stream, path: Path, columns: int) -> None:
    if columns > COLUMNS:
        raise input_error(stream, path, f"has {columns:,} columns; at most {COLUMNS:,} are read")


def check_values(stream: Stream, path: Path, table: pa.Table, first: int) -> None:
    """InputError where a text of these rows, the file's from number `first` on, is too long."""
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
            continue
        longest = pc.max(pc.binary_length(column)).as_py() or 0
        if longest > VALUE_BYTES:
            raise input_error(
                stream, path,
                f"has a value of {longest:,} bytes in {name[:60]}, from row {first + 1} on; at most {VALUE_BYTES:,}",
            )  # fmt: skip
