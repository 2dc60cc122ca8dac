-- The days on which an ad is first seen, or seen otherwise than before. Nearly all ads are only ever called one thing;
-- only the days of the others are put in order.
with ad_days as (
    select * from {{ ref('fct_ad_performance') }}
),

states as (
    select * from {{ ref('int_ad_states') }}
),

renamed as (
    select distinct source, platform, account_id, campaign_id, ad_group_id, ad_id
    from states
    where state_count > 1
),

renamed_days as (
    select ad_days.*
    from ad_days
    inner join renamed
        on ad_days.source = renamed.source
        and ad_days.platform = renamed.platform
        and ad_days.account_id = renamed.account_id
        and ad_days.campaign_id = renamed.campaign_id
        and ad_days.ad_group_id = renamed.ad_group_id
        and ad_days.ad_id = renamed.ad_id
),

with_previous as (
    select
        *,
        lag(date_day) over ad as previous_seen,
        lag({{ dim_campaign_state() }}) over ad as previous_state
    from renamed_days
    window ad as (
        partition by source, platform, account_id, campaign_id, ad_group_id, ad_id order by date_day
    )
),

final as (
    select
        first_day as date_day, source, platform, account_id, account_name, currency, campaign_id, campaign_name,
        campaign_type, channel, ad_group_id, ad_group_name, ad_id, ad_name
    from states
    where state_count = 1
    union all
    select
        date_day, source, platform, account_id, account_name, currency, campaign_id, campaign_name,
        campaign_type, channel, ad_group_id, ad_group_name, ad_id, ad_name
    from with_previous
    where previous_seen is null or previous_state <> {{ dim_campaign_state() }}
)

select * from final
