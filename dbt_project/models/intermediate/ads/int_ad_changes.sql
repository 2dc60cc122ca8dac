-- The days on which an ad is first seen, or seen otherwise than before. Nearly all ads are only ever called one thing;
-- only the days of the others are put in order, by numbers.
with ad_days as (
    select * from {{ ref('fct_ad_days') }}
),

states as (
    select * from {{ ref('int_ad_states') }}
),

renamed as (
    select
        ad_state_id,
        dense_rank() over (order by source, platform, account_id, campaign_id, ad_group_id, ad_id) as ad_number,
        dense_rank() over (order by {{ dim_campaign_state() }}) as state_number
    from states
    where state_count > 1
),

with_previous as (
    select
        ad_days.date_day, ad_days.ad_state_id, renamed.state_number,
        lag(renamed.state_number) over (partition by renamed.ad_number order by ad_days.date_day) as previous_number
    from ad_days
    inner join renamed on ad_days.ad_state_id = renamed.ad_state_id
),

changes as (
    select ad_state_id, first_day as date_day
    from states
    where state_count = 1
    union all
    select ad_state_id, date_day
    from with_previous
    where previous_number is null or previous_number <> state_number
),

final as (
    select
        changes.date_day, states.source, states.platform, states.account_id, states.account_name, states.currency,
        states.campaign_id, states.campaign_name, states.campaign_type, states.channel,
        states.ad_group_id, states.ad_group_name, states.ad_id, states.ad_name
    from changes
    inner join states on changes.ad_state_id = states.ad_state_id
)

select * from final
