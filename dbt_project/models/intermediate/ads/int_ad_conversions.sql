-- What platforms claim for themselves, in the account's currency. Google's actions of one category are added up
-- (they are different actions); Meta's types and windows nest, so they stay rows of their own.
with google_claims as (
    select * from {{ ref('stg_google_ads__conversion_days') }}
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
        campaign_id, campaign_name, '(unallocated)' as ad_group_id, '(unallocated)' as ad_id,
        conversion_type, '' as attribution_window,
        conversions, conversions_value
    from google_claims
    union all
    select
        'meta_ads' as source, 'meta_ads' as platform, date_day, account_id, account_name, currency,
        campaign_id, campaign_name, ad_group_id, ad_id, conversion_type, attribution_window,
        conversions, conversions_value
    from meta_claims
    union all
    select
        'files' as source, platform, date_day, account_id, account_name, currency, campaign_id, campaign_name,
        coalesce(ad_group_id, '(unallocated)') as ad_group_id, coalesce(ad_id, '(unallocated)') as ad_id,
        'conversion' as conversion_type, '' as attribution_window, conversions, conversions_value
    from file_claims
    where conversions is not null or conversions_value is not null
),

final as (
    select
        source, platform, date_day, account_id, max(account_name) as account_name, currency,
        campaign_id, max(campaign_name) as campaign_name, ad_group_id, ad_id, conversion_type, attribution_window,
        {{ local_amount('sum(coalesce(conversions, 0))') }} as conversions,
        {{ local_amount('sum(coalesce(conversions_value, 0))') }} as conversions_value_local
    from unioned
    where date_day <= {{ mart_date() }}
    group by
        source, platform, date_day, account_id, currency, campaign_id, ad_group_id, ad_id,
        conversion_type, attribution_window
)

select * from final
