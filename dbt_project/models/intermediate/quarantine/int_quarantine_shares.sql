-- How much of what landed is in quarantine: the gate over the mart compares the share with audit.max_quarantined_share.
-- Claims, the most that lands, are counted and added up in one reading.
with claims as (
    {%- for source, stream, model in [
        ('google_ads', 'conversions', 'stg_google_ads__conversion_days'),
        ('meta_ads', 'ad_insights', 'stg_meta_ads__ad_actions'),
        ('files', 'ad_performance', 'stg_files__ad_performance'),
    ] %}
        select
            '{{ source }}' as source, '{{ stream }}' as stream, count(*) as landed_rows,
            sum(case when date_day <= {{ mart_date() }} then conversions_value end) as claimed_value
        from {{ ref(model) }}
        {{- ' union all' if not loop.last }}
    {%- endfor %}
),

others as (
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

landed as (
    select source, stream, landed_rows, claimed_value from claims
    union all
    select source, stream, landed_rows, null as claimed_value from others
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
        landed.claimed_value,
        coalesce(quarantined.quarantined_rows, 0) as quarantined_rows,
        cast({{ var('max_quarantined_share') }} as double) as max_quarantined_share
    from landed
    left join quarantined on landed.source = quarantined.source and landed.stream = quarantined.stream
)

select * from final
