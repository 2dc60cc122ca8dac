with touches as (
    select * from {{ ref('int_touches') }}
),

final as (
    select touch_id, touch_type, source, date_day, occurred_at, person_id, channel, utm_campaign, is_direct
    from touches
)

select * from final
