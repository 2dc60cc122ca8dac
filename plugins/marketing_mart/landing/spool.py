"""Pages, in the order they arrive, into one temporary Parquet file: the memory held is a few pages at most."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from marketing_mart.errors import RowsRefused
from marketing_mart.landing.parquet import GroupedWriter
from marketing_mart.landing.problems import durable
from marketing_mart.streams import Page, Stream

_ROWS_PER_GROUP = 16_384  # small, so that long texts and lists stay bounded


@dataclass(frozen=True)
class Spooled:
    """Where the rows of a read are, and how many the source said there would be."""

    path: Path
    rows: int
    stated_rows: int | None


def spool(stream: Stream, pages: Iterable[Page], path: Path) -> Spooled:
    """Write every page to `path`. What the pages' iterator raises is passed on as it is."""
    stated_rows = None
    with durable(stream, path):
        writer = GroupedWriter(
            path, stream.schema, rows_per_group=_ROWS_PER_GROUP, compression="lz4", use_dictionary=False
        )
    try:
        for page in pages:
            _check_schema(stream, page.table.schema)
            stated_rows = page.stated_rows if page.stated_rows is not None else stated_rows
            with durable(stream, path):
                writer.add(page.table)
    except BaseException:
        writer.abandon()
        raise
    with durable(stream, path):
        writer.close()
    return Spooled(path, writer.rows, stated_rows)


def _check_schema(stream: Stream, found: pa.Schema) -> None:
    declared = stream.schema
    if found.equals(declared):
        return
    complaints = [f"{name} is missing" for name in declared.names if name not in found.names]
    complaints += [f"{name} is not declared" for name in found.names if name not in declared.names]
    complaints += [
        f"{field.name} is {found.field(field.name).type}, declared {field.type}"
        for field in declared
        if field.name in found.names and found.field(field.name).type != field.type
    ]
    raise RowsRefused(
        f"{stream.label}: a page has other columns than the stream declares: "
        + ("; ".join(complaints) or f"their order is {', '.join(found.names)}"),
        next_step=f"make the connector's pages and the declaration of {stream.label} agree",
    )
