with source as (
    select * from {{ source('landed', 'loads') }}
),

final as (
    select
        sequence as load,
        source,
        stream,
        kind,
        cast(day as date) as day,
        version,
        rows as row_count,
        cast(totals as varchar) as totals,
        cast(last_day as date) as last_day,
        cast(loaded_at as timestamp with time zone) as loaded_at,
        counts,
        is_current,
        cast(expected_lag_hours as bigint) as expected_lag_hours
    from source
)

select * from final
