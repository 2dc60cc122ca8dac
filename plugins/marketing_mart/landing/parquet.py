"""Writing Parquet so that the same rows give the same bytes, whatever pieces they arrive in."""

import hashlib
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROWS_PER_GROUP = 65_536


class GroupedWriter:
    """Rows into one Parquet file in row groups of equal size. At most one row group is held in memory."""

    def __init__(self, path: Path, schema: pa.Schema, *, rows_per_group: int = ROWS_PER_GROUP, **options) -> None:
        self.path, self.rows = path, 0
        self._rows_per_group, self._held, self._held_rows = rows_per_group, [], 0
        self._writer = pq.ParquetWriter(path, schema, **options)

    def add(self, table: pa.Table) -> None:
        while table.num_rows:
            piece = table.slice(0, self._rows_per_group - self._held_rows)
            table = table.slice(piece.num_rows)
            self._held.append(piece)
            self._held_rows += piece.num_rows
            if self._held_rows == self._rows_per_group:
                self._flush()

    def close(self) -> None:
        """Write what is held and the footer."""
        if self._held_rows:
            self._flush()
        self._writer.close()

    def abandon(self) -> None:
        """Close the file handle of a file that nobody will read, so a footer that can't be written is no news."""
        self._held = []
        with suppress(OSError):
            self._writer.close()

    def _flush(self) -> None:
        # one contiguous chunk per column: page boundaries inside a row group follow the chunks
        group = pa.concat_tables(self._held).combine_chunks()
        self._writer.write_table(group, row_group_size=self._rows_per_group)
        self.rows += self._held_rows
        self._held, self._held_rows = [], 0


def content_hash(path: Path) -> str:
    """SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


EMPTY_HASH = hashlib.sha256(b"").hexdigest()  # of a day without rows
