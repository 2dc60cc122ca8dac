-- Each URL of an ad, its own and the platform's parameters together.
with google_ads as (
    select * from {{ ref('stg_google_ads__ads') }}
),

meta_ads as (
    select * from {{ ref('stg_meta_ads__ads') }}
),

unioned as (
    select
        'google_ads' as source, 'google_ads' as platform, account_id, campaign_id, ad_group_id, ad_id, url_parameters,
        {{ explode('urls') }} as url
    from google_ads
    union all
    select
        'meta_ads' as source, 'meta_ads' as platform, account_id, campaign_id, ad_group_id, ad_id, url_parameters,
        {{ explode('urls') }} as url
    from meta_ads
),

whole as (
    select *, {{ url_with('url', 'url_parameters') }} as whole_url
    from unioned
),

final as (
    select
        source, platform, account_id, campaign_id, ad_group_id, ad_id, url,
        {{ url_base('url') }} as base_url,
        {{ url_host('url') }} as url_host,
        {{ url_path('url') }} as url_path,
        {{ with_ids(url_parameter('whole_url', 'utm_source')) }} as utm_source,
        {{ with_ids(url_parameter('whole_url', 'utm_medium')) }} as utm_medium,
        {{ with_ids(url_parameter('whole_url', 'utm_campaign')) }} as utm_campaign,
        {{ with_ids(url_parameter('whole_url', 'utm_content')) }} as utm_content,
        {{ with_ids(url_parameter('whole_url', 'utm_term')) }} as utm_term
    from whole
)

select * from final
