-- What ran until this release was built. It tells of runs, not of landed rows: the same rows may come with other runs.
with runs as (
    select * from {{ ref('stg_landing__runs') }}
),

final as (
    select
        run_id,
        kind,
        date_day,
        kpi_start,
        is_demo,
        started_at,
        ended_at,
        seconds,
        outcome,
        release_id,
        sources_read,
        streams_read,
        rows_landed,
        new_versions,
        checks,
        red_checks,
        stale_sources,
        caught_up_from,
        caught_up_to,
        failed_stage,
        error_kind,
        error
    from runs
)

select * from final
