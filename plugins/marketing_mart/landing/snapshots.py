"""The manifest as DuckDB can read it: a small Parquet copy, since a view can't read SQLite without an extension."""

import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from marketing_mart.landing.locks import exclusive
from marketing_mart.landing.manifest import Load, Read, encoded_json
from marketing_mart.landing.sql import literal
from marketing_mart.streams import COUNT, DAY, FLAG, INSTANT, TEXT

KEPT = 20  # of each table: a build may still read the ones before the newest

_LOADS = pa.schema(
    [
        ("source", TEXT), ("stream", TEXT), ("kind", TEXT), ("day", DAY), ("version", COUNT), ("rows", COUNT),
        ("stated_rows", COUNT), ("totals", TEXT), ("first_day", DAY), ("last_day", DAY), ("kpi_start", DAY),
        ("loaded_at", INSTANT), ("counts", FLAG), ("is_current", FLAG), ("expected_lag_hours", COUNT),
        ("run_id", TEXT), ("bytes", COUNT), ("content_hash", TEXT), ("sequence", COUNT), ("read", COUNT),
    ]
)  # fmt: skip
_READS = pa.schema(
    [
        ("source", TEXT), ("stream", TEXT), ("kind", TEXT), ("day", DAY), ("first_day", DAY), ("last_day", DAY),
        ("rows", COUNT), ("landed_rows", COUNT), ("stated_rows", COUNT), ("new_versions", COUNT),
        ("kpi_start", DAY), ("loaded_at", INSTANT), ("run_id", TEXT), ("sequence", COUNT),
    ]
)  # fmt: skip


def snapshot(loads: Sequence[Load], reads: Sequence[Read], folder: Path) -> dict[str, str]:
    """SELECTs for `loads` (its `totals` is JSON text) and `reads`, over copies written to `folder`. The copies are
    called after how far the manifest had got and which loads count, so what is there already says the same."""
    counting = [load.sequence for load in loads if load.counts], [read.sequence for read in reads]
    state = f"{max((load.read for load in loads), default=0):09d}-{sha256(repr(counting).encode()).hexdigest()[:16]}"
    return {
        "loads": _select(_table(loads, _LOADS), folder / f"loads-{state}.parquet"),
        "reads": _select(_table(reads, _READS), folder / f"reads-{state}.parquet"),
    }


def sweep_snapshots(folder: Path) -> int:
    """Delete all but the newest few; returns how many."""
    old = [path for name in ("loads", "reads") for path in sorted(folder.glob(f"{name}-*.parquet"))[:-KEPT]]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _table(rows: Sequence[Load | Read], schema: pa.Schema) -> pa.Table:
    columns = {field.name: [encoded_json(getattr(row, field.name)) for row in rows] for field in schema}
    return pa.table(columns, schema=schema)


def _select(table: pa.Table, path: Path) -> str:
    with exclusive(path.parent / ".lock"):
        written = path.with_suffix(".tmp")
        pq.write_table(table, written)
        os.replace(written, path)  # whoever reads what was there keeps what they opened
    columns = ", ".join(f'"{name}"' for name in table.column_names)
    return f"select {columns} from read_parquet({literal(str(path))}) order by sequence"
