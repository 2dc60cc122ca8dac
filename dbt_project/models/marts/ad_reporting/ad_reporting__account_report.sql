-- The sums of the ads in the public column contract, taken from the facts themselves: half the time that they take over
-- the ad report, which puts each ad together first.
-- Tables are named without their schema, so that the view works under whatever name the file is attached; dbt's
-- contract can't bind such names, so the types are cast here and the columns tested in tests/test_models_ads.py.
{{ config(materialized='view', contract={'enforced': false}) }}

with performance as (
    select * from {{ ref('fct_ad_performance').include(database=false, schema=false) }}
),

claims as (
    select * from {{ ref('fct_ad_conversions').include(database=false, schema=false) }}
    where is_declared
),

unioned as (
    select
        source, date_day, platform, account_id, account_name, currency,
        clicks, impressions, spend_local, 0 as conversions, 0 as conversions_value_local
    from performance
    union all
    select
        source, date_day, platform, account_id, account_name, currency,
        0 as clicks, 0 as impressions, 0 as spend_local, conversions, conversions_value_local
    from claims
),

final as (
    select
        source as source_relation,
        date_day,
        platform,
        account_id,
        max(account_name) as account_name,
        cast(sum(clicks) as bigint) as clicks,
        cast(sum(impressions) as bigint) as impressions,
        {{ local_amount('sum(spend_local)') }} as spend,
        {{ local_amount('sum(conversions)') }} as conversions,
        {{ local_amount('sum(conversions_value_local)') }} as conversions_value,
        currency
    from unioned
    group by source, date_day, platform, account_id, currency
)

select * from final
