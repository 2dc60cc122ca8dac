"""What no source may send, whichever it is: rows without their key, and times no business has ever had.

A vendor's answer that fits its format can still be nonsense; it is refused here, before any of it lands. What only a
model can tell to be wrong is quarantined there (docs/quarantine.md).
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.compute as pc

from marketing_mart.errors import SourceMalformed
from marketing_mart.streams import Page, Stream

FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)
_EARLIEST, _LATEST = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (FIRST, LAST))


def sound(stream: Stream, pages: Iterator[Page]) -> Iterator[Page]:
    """The same pages; SourceMalformed at the first that has a row without its key or with an impossible time."""
    for page in pages:
        if page.stated_rows is not None and page.stated_rows < 0:
            raise SourceMalformed(f"{stream.label}: it says that it has {page.stated_rows} rows")
        for name in dict.fromkeys((*stream.key, *([stream.day] if stream.day else []))):
            if lacking := page.table.column(name).null_count:
                raise SourceMalformed(f"{stream.label}: {lacking} of {page.table.num_rows} rows have no {name}")
        for field in page.table.schema:
            if wrong := _impossible(page.table.column(field.name)):
                raise SourceMalformed(
                    f"{stream.label}: {wrong} of {page.table.num_rows} rows have a time in {field.name} that is before "
                    f"{FIRST} or after {LAST}"
                )
        yield page


def _impossible(column: pa.ChunkedArray) -> int:
    """How many of its days or instants, in lists and structs too, can't be."""
    kind = column.type
    if pa.types.is_list(kind):
        return _impossible(pc.list_flatten(column))
    if pa.types.is_struct(kind):
        return sum(_impossible(pc.struct_field(column, place)) for place in range(kind.num_fields))
    if not (pa.types.is_date(kind) or pa.types.is_timestamp(kind)):
        return 0
    first, last = (FIRST, LAST) if pa.types.is_date(kind) else (_EARLIEST, _LATEST)
    wrong = pc.or_(pc.less(column, pa.scalar(first, kind)), pc.greater(column, pa.scalar(last, kind)))
    return pc.sum(wrong).as_py() or 0
