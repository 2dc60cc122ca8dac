-- The public column contract that analysts' dashboards already use: amounts in the account's own currency. What the
-- reports by ad group, campaign and account tell are sums of this one.
-- Tables are named without their schema, so that the view works under whatever name the file is attached; dbt's
-- contract can't bind such names, so the types are cast here and the columns tested in tests/test_models_ads.py.
{{ config(materialized='view', contract={'enforced': false}) }}

with performance as (
    select * from {{ ref('fct_ad_performance').include(database=false, schema=false) }}
),

claims as (
    select * from {{ ref('fct_ad_conversions').include(database=false, schema=false) }}
    where is_declared
),

-- Both have each ad and day once, so a join puts them side by side: half the time of a sum over both, in no more memory
-- than the claims need.
final as (
    select
        coalesce(performance.source, claims.source) as source_relation,
        coalesce(performance.date_day, claims.date_day) as date_day,
        coalesce(performance.platform, claims.platform) as platform,
        coalesce(performance.account_id, claims.account_id) as account_id,
        greatest(performance.account_name, claims.account_name) as account_name,
        coalesce(performance.campaign_id, claims.campaign_id) as campaign_id,
        greatest(performance.campaign_name, claims.campaign_name) as campaign_name,
        coalesce(performance.ad_group_id, claims.ad_group_id) as ad_group_id,
        greatest(performance.ad_group_name, claims.ad_group_name) as ad_group_name,
        coalesce(performance.ad_id, claims.ad_id) as ad_id,
        greatest(performance.ad_name, claims.ad_name) as ad_name,
        coalesce(performance.clicks, 0) as clicks,
        coalesce(performance.impressions, 0) as impressions,
        {{ local_amount('coalesce(performance.spend_local, 0)') }} as spend,
        {{ local_amount('coalesce(claims.conversions, 0)') }} as conversions,
        {{ local_amount('coalesce(claims.conversions_value_local, 0)') }} as conversions_value,
        coalesce(performance.currency, claims.currency) as currency
    from performance
    full outer join claims
        on performance.source = claims.source
        and performance.date_day = claims.date_day
        and performance.platform = claims.platform
        and performance.account_id = claims.account_id
        and performance.campaign_id = claims.campaign_id
        and performance.ad_group_id = claims.ad_group_id
        and performance.ad_id = claims.ad_id
        and performance.currency = claims.currency
)

select * from final
