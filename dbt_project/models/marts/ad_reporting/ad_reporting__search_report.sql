-- Search terms in the public column contract. Which keyword a term met is not told: Google leaves out every term
-- without a keyword, and all of Performance Max, when it is asked for the keyword too.
-- Tables are named without their schema, so that the view works under whatever name the file is attached; dbt's
-- contract can't bind such names, so the types are cast here and the columns tested in tests/test_models_ads.py.
{{ config(materialized='view', contract={'enforced': false}) }}

with search_terms as (
    select * from {{ ref('fct_ad_search_terms').include(database=false, schema=false) }}
),

final as (
    select
        source as source_relation,
        date_day,
        platform,
        account_id,
        account_name,
        campaign_id,
        campaign_name,
        ad_group_id,
        ad_group_name,
        cast(null as varchar) as keyword_id,
        cast(null as varchar) as keyword_text,
        search_term as search_query,
        match_type as search_match_type,
        clicks,
        impressions,
        spend_local as spend,
        conversions,
        conversions_value_local as conversions_value,
        currency
    from search_terms
)

select * from final
