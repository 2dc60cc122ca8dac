{{ config(materialized='view') }}

with google_ads as (
    select * from {{ ref('stg_google_ads__ad_days') }}
),

meta_ads as (
    select * from {{ ref('stg_meta_ads__ad_days') }}
),

file_ads as (
    select * from {{ ref('stg_files__ad_performance') }}
),

google_rows as (
    select
        'google_ads' as source, 'google_ads' as platform, date_day, account_id, account_name, currency,
        campaign_id, campaign_name, campaign_type, cast(null as varchar) as row_channel,
        ad_group_id, ad_group_name, ad_id, ad_name, impressions, clicks, spend
    from google_ads
),

meta_rows as (
    select
        'meta_ads' as source, 'meta_ads' as platform, date_day, account_id, account_name, currency,
        campaign_id, campaign_name, campaign_type, cast(null as varchar) as row_channel,
        ad_group_id, ad_group_name, ad_id, ad_name, impressions, clicks, spend
    from meta_ads
),

-- A file may stop at the campaign or the ad group: what lies below is then not allocated.
file_rows as (
    select
        'files' as source, platform, date_day, account_id, account_name, currency,
        campaign_id, campaign_name, cast(null as varchar) as campaign_type, channel as row_channel,
        coalesce(ad_group_id, '(unallocated)') as ad_group_id,
        coalesce(ad_group_name, '(unallocated)') as ad_group_name,
        coalesce(ad_id, '(unallocated)') as ad_id,
        coalesce(ad_name, '(unallocated)') as ad_name,
        impressions, clicks, spend
    from file_ads
),

unioned as (
    select * from google_rows
    union all
    select * from meta_rows
    union all
    select * from file_rows
),

final as (
    select
        source, platform, date_day, account_id, account_name, currency,
        campaign_id, campaign_name, campaign_type, row_channel,
        ad_group_id, ad_group_name, ad_id, ad_name,
        impressions, clicks, {{ local_amount('spend') }} as spend_local
    from unioned
    where date_day <= {{ mart_date() }}
)

select * from final
