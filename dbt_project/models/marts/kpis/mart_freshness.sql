-- How far each stream reaches, measured at the end of the mart's day, and what its last load brought. What a source
-- that is published stale lacks, and why, only the run knows that could not read it.
with loads as (
    select * from {{ ref('stg_landing__loads') }}
    where day <= {{ mart_date() }} and counts
),

streams as (
    select
        source,
        stream,
        kind,
        max(day) as newest_day,
        max(loaded_at) as last_loaded_at,
        max(expected_lag_hours) as expected_lag_hours
    from loads
    group by source, stream, kind
),

last_loads as (
    select loads.*
    from loads
    inner join streams
        on loads.source = streams.source
        and loads.stream = streams.stream
        and loads.loaded_at = streams.last_loaded_at
),

last_rows as (
    select source, stream, cast(sum(row_count) as bigint) as row_count
    from last_loads
    group by source, stream
),

totals as (
    select source, stream, {{ explode(json_names('totals')) }} as name, totals
    from last_loads
),

total_sums as (
    select
        source, stream, name,
        sum({{ json_number('totals', 'name') }}) as value
    from totals
    group by source, stream, name
),

last_totals as (
    select source, stream, {{ json_object_of('name', 'value') }} as totals
    from total_sums
    group by source, stream
),

final as (
    select
        streams.source,
        streams.stream,
        streams.kind,
        streams.newest_day,
        cast(24 * ({{ mart_date() }} - streams.newest_day) as bigint) as lag_hours,
        streams.expected_lag_hours,
        24 * ({{ mart_date() }} - streams.newest_day) > streams.expected_lag_hours as is_late,
        {{ stale_reason('streams.source') }} is not null as is_stale,
        {{ stale_reason('streams.source') }} as stale_reason,
        streams.last_loaded_at,
        last_rows.row_count as last_load_rows,
        last_totals.totals as last_load_totals
    from streams
    inner join last_rows on streams.source = last_rows.source and streams.stream = last_rows.stream
    left join last_totals on streams.source = last_totals.source and streams.stream = last_totals.stream
)

select * from final
