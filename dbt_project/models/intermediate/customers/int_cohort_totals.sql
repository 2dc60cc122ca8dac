-- Every cohort in every month from its own to the mart's, with what it came to by then. A channel that cost money in
-- a month and won nobody is a cohort of no customers: its spend stays.
with cohort_months as (
    select * from {{ ref('int_cohort_months') }}
),

campaign_days as (
    select * from {{ ref('int_campaign_days') }}
),

days as (
    select * from {{ ref('dim_date') }}
),

-- Spend is loaded from the first KPI day on, so a month that began before it has only a part of its own.
spends as (
    select
        cast(date_trunc('month', date_day) as date) as date_day, channel,
        cast(sum(spend) as decimal(38, 10)) as spend
    from campaign_days
    group by cast(date_trunc('month', date_day) as date), channel
    having cast(date_trunc('month', date_day) as date) >= {{ kpi_start() }}
),

cohorts as (
    select date_day, channel from cohort_months
    union
    select date_day, channel from spends where spend <> 0 and {{ is_among_known("'new_customers'") }}
),

months as (
    select distinct month_start from days
),

dense as (
    select
        cohorts.date_day, cohorts.channel, months.month_start as activity_month,
        {{ months_between('cohorts.date_day', 'months.month_start') }} as months_since
    from cohorts
    inner join months on cohorts.date_day <= months.month_start
),

final as (
    select
        dense.date_day, dense.channel, dense.months_since, dense.activity_month,
        first_value(coalesce(cohort_months.active, 0)) over to_date as customers,
        coalesce(cohort_months.active, 0) as active,
        coalesce(cohort_months.purchases, 0) as purchases,
        cast(sum(coalesce(cohort_months.new_repeat_customers, 0)) over to_date as bigint) as repeat_customers,
        cast(sum(coalesce(cohort_months.net_revenue, 0)) over to_date as decimal(38, 10)) as cumulative_net_revenue,
        cast(sum(coalesce(cohort_months.margin, 0)) over to_date as decimal(38, 10)) as cumulative_margin,
        cast(sum(coalesce(cohort_months.orders_without_cost, 0)) over to_date as bigint) as orders_without_cost,
        case when dense.date_day >= {{ kpi_start() }} then {{ measure_of_day('spend', 'spends.spend') }} end as spend
    from dense
    left join cohort_months
        on dense.date_day = cohort_months.date_day
        and dense.channel = cohort_months.channel
        and dense.months_since = cohort_months.months_since
    left join spends on dense.date_day = spends.date_day and dense.channel = spends.channel
    window to_date as (partition by dense.date_day, dense.channel order by dense.months_since)
)

select * from final
