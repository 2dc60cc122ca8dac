-- Ads by where they lead, in the public column contract. Every ad has one row here, with what its URLs have in common.
-- Tables are named without their schema, so that the view works under whatever name the file is attached; dbt's
-- contract can't bind such names, so the types are cast here and the columns tested in tests/test_models_ads.py.
{{ config(materialized='view', contract={'enforced': false}) }}

with ad_report as (
    select * from {{ ref('ad_reporting__ad_report').include(database=false, schema=false) }}
),

urls as (
    select * from {{ ref('dim_ad_url').include(database=false, schema=false) }}
),

final as (
    select
        ads.source_relation,
        ads.date_day,
        ads.platform,
        ads.account_id,
        max(ads.account_name) as account_name,
        ads.campaign_id,
        max(ads.campaign_name) as campaign_name,
        ads.ad_group_id,
        max(ads.ad_group_name) as ad_group_name,
        urls.base_url,
        urls.url_host,
        urls.url_path,
        urls.utm_source,
        urls.utm_medium,
        urls.utm_campaign,
        urls.utm_content,
        urls.utm_term,
        cast(sum(ads.clicks) as bigint) as clicks,
        cast(sum(ads.impressions) as bigint) as impressions,
        {{ local_amount('sum(ads.spend)') }} as spend,
        {{ local_amount('sum(ads.conversions)') }} as conversions,
        {{ local_amount('sum(ads.conversions_value)') }} as conversions_value,
        ads.currency
    from ad_report as ads
    inner join urls
        on ads.source_relation = urls.source
        and ads.platform = urls.platform
        and ads.account_id = urls.account_id
        and ads.campaign_id = urls.campaign_id
        and ads.ad_group_id = urls.ad_group_id
        and ads.ad_id = urls.ad_id
    group by
        ads.source_relation, ads.date_day, ads.platform, ads.account_id, ads.campaign_id, ads.ad_group_id, ads.currency,
        urls.base_url, urls.url_host, urls.url_path,
        urls.utm_source, urls.utm_medium, urls.utm_campaign, urls.utm_content, urls.utm_term
)

select * from final
