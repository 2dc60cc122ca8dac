-- Ads and days as one reads them; what an ad was called stands once in dim_ad_state. Tables are named without their
-- schema, so that the view works under whatever name the file is attached; dbt's contract can't bind such names.
{{ config(materialized='view', contract={'enforced': false}) }}

with ad_days as (
    select * from {{ ref('fct_ad_days').include(database=false, schema=false) }}
),

states as (
    select * from {{ ref('dim_ad_state').include(database=false, schema=false) }}
),

final as (
    select
        states.source,
        ad_days.date_day,
        states.platform,
        states.account_id,
        states.account_name,
        states.campaign_id,
        states.campaign_name,
        states.campaign_type,
        states.ad_group_id,
        states.ad_group_name,
        states.ad_id,
        states.ad_name,
        states.channel,
        ad_days.impressions,
        ad_days.clicks,
        states.currency,
        ad_days.spend_local,
        ad_days.spend,
        ad_days.fx_rate,
        ad_days.fx_rate_day
    from ad_days
    inner join states on ad_days.ad_state_id = states.ad_state_id
)

select * from final
