-- How much of what landed is in quarantine: the gate over the mart compares the share with audit.max_quarantined_share.
with landed as (
    select 'google_ads' as source, 'conversions' as stream, count(*) as landed_rows
    from {{ ref('stg_google_ads__conversion_days') }}
    union all
    select 'meta_ads' as source, 'ad_insights' as stream, count(*) as landed_rows
    from {{ ref('stg_meta_ads__ad_actions') }}
    union all
    select 'files' as source, 'ad_performance' as stream, count(*) as landed_rows
    from {{ ref('stg_files__ad_performance') }}
    union all
    select 'files' as source, 'budgets' as stream, count(*) as landed_rows from {{ ref('stg_files__budgets') }}
    union all
    select 'files' as source, 'costs' as stream, count(*) as landed_rows from {{ ref('stg_files__costs') }}
    union all
    select 'files' as source, 'deals' as stream, count(*) as landed_rows from {{ ref('stg_files__deals') }}
    union all
    select 'hubspot' as source, 'deals' as stream, count(*) as landed_rows from {{ ref('stg_hubspot__deals') }}
    union all
    select 'files' as source, 'email_campaigns' as stream, count(*) as landed_rows
    from {{ ref('stg_files__email_campaigns') }}
    union all
    select 'files' as source, 'orders' as stream, count(*) as landed_rows from {{ ref('stg_files__orders') }}
    union all
    select 'shopify' as source, 'orders' as stream, count(*) as landed_rows from {{ ref('stg_shopify__orders') }}
    union all
    select 'files' as source, 'promotions' as stream, count(*) as landed_rows
    from {{ ref('stg_files__promotions') }}
    union all
    select 'files' as source, 'targets' as stream, count(*) as landed_rows from {{ ref('stg_files__targets') }}
),

quarantined as (
    select source, stream, count(*) as quarantined_rows
    from {{ ref('quarantine') }}
    where reason <> 'taken_back'
    group by source, stream
),

final as (
    select
        landed.source,
        landed.stream,
        landed.landed_rows,
        coalesce(quarantined.quarantined_rows, 0) as quarantined_rows,
        cast({{ var('max_quarantined_share') }} as double) as max_quarantined_share
    from landed
    left join quarantined on landed.source = quarantined.source and landed.stream = quarantined.stream
)

select * from final
