-- The last touch of each conversion that is not Direct, Direct where all are, (unattributed) where there is none:
-- where the channel of orders, contacts and deals comes from, whatever the default model.
{{ config(materialized='view') }}

with conversions as (
    select * from {{ ref('int_conversions') }}
),

touches as (
    select * from {{ ref('int_touches_credited') }}
    where credit_last_non_direct = 1
),

final as (
    select
        conversions.conversion_type,
        conversions.source,
        conversions.conversion_id,
        conversions.person_id,
        conversions.revenue,
        conversions.margin,
        case when conversions.is_attributed then coalesce(touches.channel, '(unattributed)') end as channel,
        case when conversions.is_attributed then coalesce(touches.utm_campaign, '') end as utm_campaign,
        touches.touch_id,
        touches.touched_at
    from conversions
    left join touches on conversions.conversion_key = touches.conversion_key
)

select * from final
