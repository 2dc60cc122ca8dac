-- What people searched for when they saw an ad, and whether it names the brand.
{{ config(materialized='view') }}

with search_terms as (
    select * from {{ ref('fct_ad_search_terms') }}
),

normalised as (
    select *, {{ words('search_term') }} as words from search_terms
),

final as (
    select
        source, platform, date_day, account_id, campaign_id, ad_group_id, search_term, match_type,
        {{ is_brand('words') }} as is_brand,
        impressions, clicks, spend
    from normalised
)

select * from final
