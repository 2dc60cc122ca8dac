with touches as (
    select * from {{ ref('int_other_touches') }}
),

final as (
    select touch_type, source, event_id, date_day, occurred_at, person_key, channel, utm_campaign
    from touches
)

select * from final
