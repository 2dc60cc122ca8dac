-- Catches a KPI that is not the sum of its facts: per KPI day, each measure of fct_ tables against kpi_daily. A
-- measure that nothing landed tells of is null in both, as is one on a day that a stale source would have to tell of.
with events as (
    select date_day, 'spend' as measure, spend as value from {{ ref('int_campaign_ad_days') }}
    union all
    select date_day, 'impressions' as measure, impressions as value from {{ ref('int_campaign_ad_days') }}
    union all
    select date_day, 'clicks' as measure, clicks as value from {{ ref('int_campaign_ad_days') }}
    union all
    select date_day, 'sessions' as measure, 1 as value from {{ ref('fct_sessions') }} where is_counted
    union all
    select lead_day as date_day, 'leads' as measure, 1 as value from {{ ref('fct_contacts') }}
    union all
    select mql_day as date_day, 'mqls' as measure, 1 as value from {{ ref('fct_contacts') }}
    union all
    select sql_day as date_day, 'sqls' as measure, 1 as value from {{ ref('fct_contacts') }}
    union all
    select date_day, 'opportunities' as measure, 1 as value from {{ ref('fct_deals') }}
    union all
    select closed_day as date_day, 'won_deals' as measure, 1 as value from {{ ref('fct_deals') }} where is_won
    union all
    select date_day, 'orders' as measure, 1 as value from {{ ref('fct_orders') }} where not is_credit_note
    union all
    select date_day, 'new_customers' as measure, 1 as value from {{ ref('fct_orders') }} where is_first_order
    union all
    select date_day, 'net_revenue' as measure, net_amount as value from {{ ref('fct_orders') }}
),

facts as (
    select date_day, measure, sum(value) as value
    from events
    where date_day >= {{ kpi_start() }} and date_day <= {{ mart_date() }}
    group by date_day, measure
),

kpis as (
    select date_day, 'spend' as measure, spend as value from {{ ref('kpi_daily') }}
    union all
    select date_day, 'impressions' as measure, impressions as value from {{ ref('kpi_daily') }}
    union all
    select date_day, 'clicks' as measure, clicks as value from {{ ref('kpi_daily') }}
    union all
    select date_day, 'sessions' as measure, sessions as value from {{ ref('kpi_daily') }}
    union all
    select date_day, 'leads' as measure, leads as value from {{ ref('kpi_daily') }}
    union all
    select date_day, 'mqls' as measure, mqls as value from {{ ref('kpi_daily') }}
    union all
    select date_day, 'sqls' as measure, sqls as value from {{ ref('kpi_daily') }}
    union all
    select date_day, 'opportunities' as measure, opportunities as value from {{ ref('kpi_daily') }}
    union all
    select date_day, 'won_deals' as measure, won_deals as value from {{ ref('kpi_daily') }}
    union all
    select date_day, 'orders' as measure, orders as value from {{ ref('kpi_daily') }}
    union all
    select date_day, 'new_customers' as measure, new_customers as value from {{ ref('kpi_daily') }}
    union all
    select date_day, 'net_revenue' as measure, net_revenue as value from {{ ref('kpi_daily') }}
)

select kpis.date_day, kpis.measure, facts.value as expected, kpis.value as told
from kpis
full outer join facts on kpis.date_day = facts.date_day and kpis.measure = facts.measure
where
    case when {{ is_told('kpis.measure', 'kpis.date_day') }} then coalesce(facts.value, 0) else facts.value end
    is distinct from kpis.value
