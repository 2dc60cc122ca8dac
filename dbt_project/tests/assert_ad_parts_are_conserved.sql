-- Catches rows of keywords, search terms or countries that were lost or doubled on their way to their facts, and claims
-- that met no row. Returns account days whose sums differ between what landed and the fact.
with landed as (
    select 'keywords' as part, date_day, account_id, impressions, clicks, spend, 0 as conversions
    from {{ ref('stg_google_ads__keyword_days') }}
    union all
    select 'keywords' as part, date_day, account_id, 0 as impressions, 0 as clicks, 0 as spend, conversions
    from {{ ref('stg_google_ads__keyword_conversion_days') }}
    where {{ is_declared_claim("'google_ads'", 'conversion_type', "''") }}
    union all
    select 'search_terms' as part, date_day, account_id, impressions, clicks, spend, 0 as conversions
    from {{ ref('stg_google_ads__search_term_days') }}
    union all
    select 'search_terms' as part, date_day, account_id, 0 as impressions, 0 as clicks, 0 as spend, conversions
    from {{ ref('stg_google_ads__search_term_conversion_days') }}
    where {{ is_declared_claim("'google_ads'", 'conversion_type', "''") }}
    union all
    select 'countries' as part, date_day, account_id, impressions, clicks, spend, 0 as conversions
    from {{ ref('stg_google_ads__country_days') }}
),

facts as (
    select 'keywords' as part, date_day, account_id, impressions, clicks, spend_local, conversions
    from {{ ref('fct_ad_keywords') }}
    union all
    select
        'search_terms' as part, date_day, account_id, impressions, clicks, spend_local,
        coalesce(conversions, 0) as conversions
    from {{ ref('fct_ad_search_terms') }}
    union all
    select 'countries' as part, date_day, account_id, impressions, clicks, spend_local, 0 as conversions
    from {{ ref('fct_ad_countries') }}
),

signed as (
    select part, date_day, account_id, impressions, clicks, spend, conversions
    from landed
    where date_day <= {{ mart_date() }}
    union all
    select
        part, date_day, account_id, -impressions as impressions, -clicks as clicks, -spend_local as spend,
        -conversions as conversions
    from facts
)

select
    part, date_day, account_id,
    sum(impressions) as impressions, sum(clicks) as clicks, sum(spend) as spend, sum(conversions) as conversions
from signed
group by part, date_day, account_id
having sum(impressions) <> 0 or sum(clicks) <> 0 or sum(spend) <> 0 or sum(conversions) <> 0
