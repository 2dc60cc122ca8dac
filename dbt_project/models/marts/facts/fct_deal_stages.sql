with stages as (
    select * from {{ ref('int_deal_stages') }}
),

deals as (
    select * from {{ ref('fct_deals') }}
),

final as (
    select
        stages.source,
        stages.deal_id,
        stages.stage_number,
        stages.stage,
        stages.date_day,
        stages.entered_at,
        stages.left_at,
        stages.days_in_stage,
        stages.is_current,
        stages.is_history_told,
        deals.channel,
        deals.utm_campaign
    from stages
    inner join deals on stages.source = deals.source and stages.deal_id = deals.deal_id
)

select * from final
