-- A view: its many rows and wide names are written once, as fct_ad_performance.
{{ config(materialized='view') }}

with reported as (
    select * from {{ ref('int_ad_days_reported') }}
),

campaign_gaps as (
    select * from {{ ref('int_ad_days_campaign_gaps') }}
),

account_gaps as (
    select * from {{ ref('int_ad_days_account_gaps') }}
),

platforms as (
    select * from {{ ref('ad_platforms') }}
),

unioned as (
    select * from reported
    union all
    select * from campaign_gaps
    union all
    select * from account_gaps
),

final as (
    select
        unioned.source,
        unioned.platform,
        unioned.date_day,
        unioned.account_id,
        unioned.account_name,
        unioned.currency,
        unioned.campaign_id,
        unioned.campaign_name,
        unioned.campaign_type,
        {{ spend_channel(
            'unioned.platform', 'unioned.campaign_type', 'unioned.campaign_name', 'unioned.row_channel',
            'platforms.channel'
        ) }} as channel,
        unioned.ad_group_id,
        unioned.ad_group_name,
        unioned.ad_id,
        unioned.ad_name,
        unioned.impressions,
        unioned.clicks,
        unioned.spend_local
    from unioned
    left join platforms on unioned.platform = platforms.platform
)

select * from final
