-- Keywords in the public column contract.
-- Tables are named without their schema, so that the view works under whatever name the file is attached; dbt's
-- contract can't bind such names, so the types are cast here and the columns tested in tests/test_models_ads.py.
{{ config(materialized='view', contract={'enforced': false}) }}

with keywords as (
    select * from {{ ref('fct_ad_keywords').include(database=false, schema=false) }}
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
        keyword_id,
        keyword_text,
        match_type as keyword_match_type,
        clicks,
        impressions,
        spend_local as spend,
        conversions,
        conversions_value_local as conversions_value,
        currency
    from keywords
)

select * from final
