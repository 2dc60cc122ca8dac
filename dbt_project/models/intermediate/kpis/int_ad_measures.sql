-- What platforms report and claim, by day and campaign.
{{ config(materialized='view') }}

with campaign_ad_days as (
    select * from {{ ref('int_campaign_ad_days') }}
),

ad_conversions as (
    select * from {{ ref('fct_ad_conversions') }}
    where is_declared
),

unioned as (
    select
        date_day, channel, source, platform, account_id, campaign_id,
        spend, impressions, clicks,
        cast(null as decimal(38, 6)) as conversions, cast(null as decimal(38, 10)) as conversions_value
    from campaign_ad_days
    union all
    select
        date_day, channel, source, platform, account_id, campaign_id,
        null as spend, null as impressions, null as clicks, conversions, conversions_value
    from ad_conversions
),

final as (
    select
        date_day, channel, source, platform, account_id, campaign_id,
        {{ measure_value('sum(spend)') }} as spend,
        cast(sum(impressions) as bigint) as impressions,
        cast(sum(clicks) as bigint) as clicks,
        cast(sum(conversions) as decimal(38, 6)) as platform_conversions,
        {{ measure_value('sum(conversions_value)') }} as platform_conversions_value
    from unioned
    where date_day >= {{ kpi_start() }} and date_day <= {{ mart_date() }}
    group by date_day, channel, source, platform, account_id, campaign_id
)

select * from final
