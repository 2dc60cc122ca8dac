-- The sums of the ad report.
-- Tables are named without their schema, so that the view works under whatever name the file is attached; dbt's
-- contract can't bind such names, so the types are cast here and the columns tested in tests/test_models_ads.py.
{{ config(materialized='view', contract={'enforced': false}) }}

with ad_report as (
    select * from {{ ref('ad_reporting__ad_report').include(database=false, schema=false) }}
),

final as (
    select
        source_relation,
        date_day,
        platform,
        account_id,
        max(account_name) as account_name,
        campaign_id,
        max(campaign_name) as campaign_name,
        ad_group_id,
        max(ad_group_name) as ad_group_name,
        cast(sum(clicks) as bigint) as clicks,
        cast(sum(impressions) as bigint) as impressions,
        {{ local_amount('sum(spend)') }} as spend,
        {{ local_amount('sum(conversions)') }} as conversions,
        {{ local_amount('sum(conversions_value)') }} as conversions_value,
        currency
    from ad_report
    group by source_relation, date_day, platform, account_id, campaign_id, ad_group_id, currency
)

select * from final
