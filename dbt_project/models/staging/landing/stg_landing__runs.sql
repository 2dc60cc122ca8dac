with source as (
    select * from {{ source('landed', 'runs') }}
),

final as (
    select
        cast(sequence as bigint) as sequence,
        cast(run_id as varchar) as run_id,
        cast(kind as varchar) as kind,
        cast(date_day as date) as date_day,
        cast(kpi_start as date) as kpi_start,
        cast(is_demo as boolean) as is_demo,
        cast(started_at as timestamp with time zone) as started_at,
        cast(ended_at as timestamp with time zone) as ended_at,
        cast(seconds as double) as seconds,
        cast(outcome as varchar) as outcome,
        cast(release_id as varchar) as release_id,
        cast(sources_read as varchar) as sources_read,
        cast(streams_read as bigint) as streams_read,
        cast(rows_landed as bigint) as rows_landed,
        cast(new_versions as bigint) as new_versions,
        cast(checks as bigint) as checks,
        cast(red_checks as bigint) as red_checks,
        cast(stale_sources as varchar) as stale_sources,
        cast(caught_up_from as date) as caught_up_from,
        cast(caught_up_to as date) as caught_up_to,
        cast(failed_stage as varchar) as failed_stage,
        cast(error_kind as varchar) as error_kind,
        cast(error as varchar) as error
    from source
)

select * from final
