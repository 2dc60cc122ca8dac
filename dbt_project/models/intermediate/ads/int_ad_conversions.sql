-- What platforms claim for themselves, in the account's currency. Meta's types and windows nest, so they stay rows of
-- their own. What is claimed in no currency is in quarantine (int_quarantine__ad_conversions).
-- A view: its many rows and wide names are written once, as fct_ad_conversions, whose key is tested. The landing has
-- each ad, type and window of a day once, so nothing is added up here.
{{ config(materialized='view') }}

with google_claims as (
    select * from {{ ref('stg_google_ads__ad_conversion_days') }}
),

google_rests as (
    select * from {{ ref('int_ad_conversions_campaign_gaps') }}
),

meta_claims as (
    select * from {{ ref('stg_meta_ads__ad_actions') }}
),

file_claims as (
    select * from {{ ref('stg_files__ad_performance') }}
),

unioned as (
    select
        'google_ads' as source, 'google_ads' as platform, date_day, account_id, account_name, currency,
        campaign_id, campaign_name, ad_group_id, ad_group_name, ad_id, ad_name,
        conversion_type, '' as attribution_window, conversions, conversions_value
    from google_claims
    union all
    select
        'google_ads' as source, 'google_ads' as platform, date_day, account_id, account_name, currency,
        campaign_id, campaign_name, ad_group_id, ad_group_name, ad_id, ad_name,
        conversion_type, '' as attribution_window, conversions, conversions_value
    from google_rests
    union all
    select
        'meta_ads' as source, 'meta_ads' as platform, date_day, account_id, account_name, currency,
        campaign_id, campaign_name, ad_group_id, ad_group_name, ad_id, ad_name,
        conversion_type, attribution_window, conversions, conversions_value
    from meta_claims
    union all
    select
        'files' as source, platform, date_day, account_id, account_name, currency, campaign_id, campaign_name,
        coalesce(ad_group_id, '(unallocated)') as ad_group_id,
        coalesce(ad_group_name, '(unallocated)') as ad_group_name,
        coalesce(ad_id, '(unallocated)') as ad_id,
        coalesce(ad_name, '(unallocated)') as ad_name,
        'conversion' as conversion_type, '' as attribution_window, conversions, conversions_value
    from file_claims
    where conversions is not null or conversions_value is not null
),

final as (
    select
        source, platform, date_day, account_id, account_name, currency,
        campaign_id, campaign_name, ad_group_id, ad_group_name, ad_id, ad_name, conversion_type, attribution_window,
        {{ local_amount('coalesce(conversions, 0)') }} as conversions,
        {{ local_amount('coalesce(conversions_value, 0)') }} as conversions_value_local
    from unioned
    where date_day <= {{ mart_date() }} and currency is not null
)

select * from final
