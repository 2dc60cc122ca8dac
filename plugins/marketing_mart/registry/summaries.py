"""One row per run with what its stages and loads add up to."""

from typing import Any

from marketing_mart.registry.store import Store

# The last attempt at a stage is the one that counts; SQLite takes the other columns from the row of the maximum.
_SUMMARIES = """
with last_attempts as (
    select run_id, stage, outcome, detail, max(attempt) from stages group by run_id, stage
),
of_stages as (
    select
        run_id,
        sum(json_extract(detail, '$.checks')) as checks,
        sum(json_extract(detail, '$.red')) as red_checks,
        max(json_extract(detail, '$.missed_from')) as missed_from,
        max(json_extract(detail, '$.missed_to')) as missed_to,
        max(json_extract(detail, '$.published_stale')) as stale_sources,
        group_concat(stage, ', ') filter (where outcome in ('failed', 'died')) as failed_stage
    from last_attempts group by run_id
),
of_loads as (
    select run_id, group_concat(distinct source) as sources, count(*) as streams_read, sum(rows) as rows_landed,
        sum(new_versions) as new_versions
    from (select * from loads order by source) group by run_id
)
select runs.*, sources, streams_read, rows_landed, new_versions, checks, red_checks, missed_from, missed_to,
    stale_sources, failed_stage
from runs left join of_stages using (run_id) left join of_loads using (run_id) order by sequence
"""


class Summaries(Store):
    """What the other tables say of each run, in few words."""

    def summaries(self) -> list[dict[str, Any]]:
        """Oldest first; moments and days as the file has them, ISO 8601; `stale_sources` is a JSON object of source to
        reason. None: nothing is known of it."""
        with self._open() as db:
            return [dict(row) for row in db.execute(_SUMMARIES)]
