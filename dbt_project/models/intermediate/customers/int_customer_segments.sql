with periods as (
    select * from {{ ref('int_segment_periods') }}
),

final as (
    select person_id, segment
    from periods
    where last_day = {{ mart_date() }}
)

select * from final
