-- The days on which an ad was called what it was.
with states as (
    select * from {{ ref('dim_ad_state') }}
),

ad_days as (
    select * from {{ ref('fct_ad_days') }}
),

days as (
    select ad_state_id, min(date_day) as first_day, max(date_day) as last_day
    from ad_days
    group by ad_state_id
),

final as (
    select
        states.ad_state_id, states.source, states.platform, states.account_id, states.account_name, states.currency,
        states.campaign_id, states.campaign_name, states.campaign_type, states.channel,
        states.ad_group_id, states.ad_group_name, states.ad_id, states.ad_name, days.first_day, days.last_day,
        count(*) over (
            partition by
                states.source, states.platform, states.account_id, states.campaign_id, states.ad_group_id, states.ad_id
        ) as state_count
    from states
    inner join days on states.ad_state_id = days.ad_state_id
)

select * from final
