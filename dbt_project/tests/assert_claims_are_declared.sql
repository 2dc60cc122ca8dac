-- Catches a sum over types or windows that nest: what KPI tables count as claimed must be the rows of the one declared
-- type and window per platform, exactly, and no platform may have two. Returns the days that differ.
with facts as (
    select
        date_day, sum(conversions) as conversions, sum(conversions_value) as conversions_value
    from {{ ref('fct_ad_conversions') }}
    where is_declared and date_day >= {{ kpi_start() }} and date_day <= {{ mart_date() }}
    group by date_day
),

kpis as (
    select
        'kpi_channel_daily' as kpi_table, date_day,
        platform_conversions as conversions, platform_conversions_value as conversions_value
    from {{ ref('kpi_channel_daily') }}
    union all
    select
        'kpi_campaign_daily' as kpi_table, date_day,
        platform_conversions as conversions, platform_conversions_value as conversions_value
    from {{ ref('kpi_campaign_daily') }}
    union all
    select
        'kpi_claims_daily' as kpi_table, date_day,
        claimed_conversions as conversions, claimed_value as conversions_value
    from {{ ref('kpi_claims_daily') }}
    where is_declared
),

told as (
    select
        kpi_table, date_day, sum(conversions) as conversions, sum(conversions_value) as conversions_value
    from kpis
    group by kpi_table, date_day
),

tables as (
    select distinct kpi_table from kpis
),

expected as (
    select tables.kpi_table, facts.date_day, facts.conversions, facts.conversions_value
    from facts
    cross join tables
),

declared as (
    select source, platform, count(distinct concat(conversion_type, ' ', attribution_window)) as claims
    from {{ ref('fct_ad_conversions') }}
    where is_declared
    group by source, platform
)

select coalesce(expected.kpi_table, told.kpi_table) as what, coalesce(expected.date_day, told.date_day) as date_day
from expected
full outer join told on expected.kpi_table = told.kpi_table and expected.date_day = told.date_day
where
    coalesce(expected.conversions, 0) <> coalesce(told.conversions, 0)
    or coalesce(expected.conversions_value, 0) <> coalesce(told.conversions_value, 0)
union all
select concat('two declared claims of ', platform) as what, null as date_day
from declared
where claims > 1
