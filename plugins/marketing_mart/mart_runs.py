"""The run registry as the mart shows it (mart.mart_runs): every run up to the one that builds, and nothing that names
a person or lets anybody in."""

import json
import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from marketing_mart.redaction import printable, redact
from marketing_mart.registry import Registry
from marketing_mart.streams import COUNT, DAY, FLAG, INSTANT, TEXT

ERROR_LENGTH = 300
# The relation landed.runs, which dbt's model reads.
RUNS = pa.schema(
    [
        ("sequence", COUNT), ("run_id", TEXT), ("kind", TEXT), ("date_day", DAY), ("kpi_start", DAY),
        ("is_demo", FLAG), ("started_at", INSTANT), ("ended_at", INSTANT), ("seconds", pa.float64()),
        ("outcome", TEXT), ("release_id", TEXT), ("sources_read", TEXT), ("streams_read", COUNT),
        ("rows_landed", COUNT), ("new_versions", COUNT), ("checks", COUNT), ("red_checks", COUNT),
        ("stale_sources", TEXT), ("caught_up_from", DAY), ("caught_up_to", DAY), ("failed_stage", TEXT),
        ("error_kind", TEXT), ("error", TEXT),
    ]
)  # fmt: skip
_PHONE = re.compile(r"\+\d[\d ().-]{6,}\d")


def runs_table(registry: Registry, builder: str, stale: Iterable[str] = ()) -> pa.Table:
    """All runs as of the build of run `builder`, which has nothing new of the sources `stale`. Of that one it says what
    is true where anybody can read it, in its release: it published. How long it took stands in the next release."""
    rows = [_row(told) for told in registry.summaries()]
    own = {"outcome": "published", "release_id": builder, "stale_sources": ", ".join(sorted(stale)) or None}
    rows = [row | own if row["run_id"] == builder else row for row in rows]
    return pa.Table.from_pylist(rows, schema=RUNS)


def _row(told: dict[str, Any]) -> dict[str, Any]:
    started_at, ended_at = (_parsed(datetime, told[name]) for name in ("started_at", "ended_at"))
    counts = ("streams_read", "rows_landed", "new_versions", "checks", "red_checks")
    return {
        **{name: told[name] for name in ("sequence", "run_id", "kind", "failed_stage", "error_kind", *counts)},
        "date_day": _parsed(date, told["day"]),
        "kpi_start": _parsed(date, told["kpi_start"]),
        "is_demo": bool(told["demo"]),
        "started_at": started_at,
        "ended_at": ended_at,
        "seconds": (ended_at - started_at).total_seconds() if ended_at else None,
        "outcome": told["outcome"],
        "release_id": told["release_id"],
        "stale_sources": ", ".join(sorted(json.loads(told["stale_sources"] or "{}"))) or None,
        "sources_read": told["sources"] and told["sources"].replace(",", ", "),
        "caught_up_from": _parsed(date, told["missed_from"]),
        "caught_up_to": _parsed(date, told["missed_to"]),
        "error": _without_secrets(told["error"]),
    }


def _without_secrets(error: str | None) -> str | None:
    """The first line, without credentials, addresses and phone numbers: what a source answered may hold them."""
    if not error:
        return None
    return _PHONE.sub("***", printable(redact(error.partition("\n")[0])))[:ERROR_LENGTH]


def _parsed(kind: type, text: str | None) -> Any:
    return kind.fromisoformat(text) if text else None
