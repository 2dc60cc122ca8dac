-- Last non-direct touch: of the touches with conversion - window <= touch <= conversion the latest that is not
-- Direct, ties by the larger id; Direct where all are; (unattributed) where there is none.
with conversions as (
    select * from {{ ref('int_conversions') }}
),

touches as (
    select * from {{ ref('int_touches') }}
),

candidates as (
    select
        conversions.conversion_type,
        conversions.source,
        conversions.conversion_id,
        touches.touch_id,
        touches.occurred_at,
        touches.channel,
        touches.utm_campaign,
        row_number() over (
            partition by conversions.conversion_type, conversions.source, conversions.conversion_id
            order by touches.is_direct, touches.occurred_at desc, touches.touch_id desc, touches.source desc
        ) as choice
    from conversions
    inner join touches
        on conversions.person_id = touches.person_id
        and touches.occurred_at <= conversions.converted_at
        and touches.occurred_at >= conversions.converted_at - interval '{{ var("attribution_window_days") }}' day
),

final as (
    select
        conversions.conversion_type,
        conversions.source,
        conversions.conversion_id,
        coalesce(candidates.channel, '(unattributed)') as channel,
        coalesce(candidates.utm_campaign, '') as utm_campaign,
        candidates.touch_id,
        candidates.occurred_at as touched_at
    from conversions
    left join candidates
        on conversions.conversion_type = candidates.conversion_type
        and conversions.source = candidates.source
        and conversions.conversion_id = candidates.conversion_id
        and candidates.choice = 1
)

select * from final
