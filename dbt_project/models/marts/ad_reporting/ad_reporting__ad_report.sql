-- The public column contract that analysts' dashboards already use: amounts in the account's own currency. The reports
-- by ad group, campaign and account are sums of this one.
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

unioned as (
    select
        source, date_day, platform, account_id, account_name, campaign_id, campaign_name,
        ad_group_id, ad_group_name, ad_id, ad_name,
        clicks, impressions, spend_local, 0 as conversions, 0 as conversions_value_local, currency
    from performance
    union all
    select
        source, date_day, platform, account_id, account_name, campaign_id, campaign_name,
        ad_group_id, ad_group_name, ad_id, ad_name,
        0 as clicks, 0 as impressions, 0 as spend_local, conversions, conversions_value_local, currency
    from claims
),

final as (
    select
        source as source_relation,
        date_day,
        platform,
        account_id,
        max(account_name) as account_name,
        campaign_id,
        max(campaign_name) as campaign_name,
        ad_group_id,
        max(ad_group_name) as ad_group_name,
        ad_id,
        max(ad_name) as ad_name,
        cast(sum(clicks) as bigint) as clicks,
        cast(sum(impressions) as bigint) as impressions,
        {{ local_amount('sum(spend_local)') }} as spend,
        {{ local_amount('sum(conversions)') }} as conversions,
        {{ local_amount('sum(conversions_value_local)') }} as conversions_value,
        currency
    from unioned
    group by source, date_day, platform, account_id, campaign_id, ad_group_id, ad_id, currency
)

select * from final
