-- Sums over channels, one row for every KPI day, with the days that sales are compared with: they may lie before
-- the KPI days, since orders are loaded with their full history.
with days as (
    select * from {{ ref('dim_date') }}
    where is_kpi_day
),

campaign_days as (
    select * from {{ ref('int_campaign_days') }}
),

costs as (
    select * from {{ ref('fct_costs') }}
),

revenue as (
    select date_day, sum(net_amount) as net_revenue
    from {{ ref('fct_orders') }}
    group by date_day
),

totals as (
    select
        date_day,
        cast(sum(spend) as decimal(38, 10)) as spend,
        cast(sum(impressions) as bigint) as impressions,
        cast(sum(clicks) as bigint) as clicks,
        cast(sum(sessions) as bigint) as sessions,
        cast(sum(leads) as bigint) as leads,
        cast(sum(mqls) as bigint) as mqls,
        cast(sum(sqls) as bigint) as sqls,
        cast(sum(opportunities) as bigint) as opportunities,
        cast(sum(won_deals) as bigint) as won_deals,
        cast(sum(orders) as bigint) as orders,
        cast(sum(new_customers) as bigint) as new_customers,
        cast(sum(net_revenue) as decimal(38, 10)) as net_revenue
    from campaign_days
    group by date_day
),

other_costs as (
    select date_day, cast(sum(amount) as decimal(38, 10)) as amount
    from costs
    group by date_day
),

final as (
    select
        days.date_day,
        {{ measure_of_day('spend', 'totals.spend', 'days.date_day') }} as spend,
        coalesce(other_costs.amount, 0) as other_costs,
        {{ measure_of_day('impressions', 'totals.impressions', 'days.date_day') }} as impressions,
        {{ measure_of_day('clicks', 'totals.clicks', 'days.date_day') }} as clicks,
        {{ measure_of_day('sessions', 'totals.sessions', 'days.date_day') }} as sessions,
        {{ measure_of_day('leads', 'totals.leads', 'days.date_day') }} as leads,
        {{ measure_of_day('mqls', 'totals.mqls', 'days.date_day') }} as mqls,
        {{ measure_of_day('sqls', 'totals.sqls', 'days.date_day') }} as sqls,
        {{ measure_of_day('opportunities', 'totals.opportunities', 'days.date_day') }} as opportunities,
        {{ measure_of_day('won_deals', 'totals.won_deals', 'days.date_day') }} as won_deals,
        {{ measure_of_day('orders', 'totals.orders', 'days.date_day') }} as orders,
        {{ measure_of_day('new_customers', 'totals.new_customers', 'days.date_day') }} as new_customers,
        {{ measure_of_day('net_revenue', 'totals.net_revenue', 'days.date_day') }} as net_revenue,
        {{ ratio('totals.net_revenue', 'totals.orders') }} as aov,
        {{ ratio('totals.net_revenue', 'totals.spend') }} as mer,
        {{ ratio('totals.spend', 'totals.new_customers') }} as cac,
        {{ ratio(
            measure_of_day('spend', 'totals.spend', 'days.date_day') ~ ' + coalesce(other_costs.amount, 0)', 'totals.net_revenue'
        ) }} as marketing_cost_ratio,
        {{ growth('totals.net_revenue', 'day_before.net_revenue') }} as net_revenue_growth_day,
        {{ growth('totals.net_revenue', 'week_before.net_revenue') }} as net_revenue_growth_week,
        {{ growth('totals.net_revenue', 'year_before.net_revenue') }} as net_revenue_growth_year
    from days
    left join totals on days.date_day = totals.date_day
    left join other_costs on days.date_day = other_costs.date_day
    left join revenue as day_before on days.previous_day = day_before.date_day
    left join revenue as week_before on days.previous_week_day = week_before.date_day
    left join revenue as year_before on days.previous_year_day = year_before.date_day
)

select * from final
