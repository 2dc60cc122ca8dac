-- Catches customers or money lost or doubled on the way from fct_orders to cohorts, segments and dim_customer: a cohort
-- without its last month, a booking before the first purchase that no month took, a day on which someone stands in two
-- segments or in none, spend of a channel that won nobody.
with first_orders as (
    select person_id, date_day from {{ ref('fct_orders') }} where is_first_order
),

booked as (
    select
        greatest(orders.date_day, first_orders.date_day) as date_day,
        sum(case when orders.is_first_order then 1 else 0 end) as customers,
        coalesce(sum(orders.net_amount), 0) as net_amount,
        coalesce(sum(coalesce(orders.margin, orders.net_amount)), 0) as margin
    from {{ ref('fct_orders') }} as orders
    inner join first_orders on orders.person_id = first_orders.person_id
    group by greatest(orders.date_day, first_orders.date_day)
),

segments as (
    select date_day, sum(customers) as customers, sum(net_revenue) as net_revenue
    from {{ ref('kpi_customer_segments') }}
    group by date_day
),

booked_by_day as (
    select
        segments.date_day, segments.customers as segment_customers, segments.net_revenue as segment_net_revenue,
        sum(booked.customers) as customers, sum(booked.net_amount) as net_revenue
    from segments
    left join booked on segments.date_day >= booked.date_day
    group by segments.date_day, segments.customers, segments.net_revenue
),

cohorts as (
    select
        sum(customers) as customers, sum(cumulative_net_revenue) as net_revenue, sum(cumulative_margin) as margin,
        sum(spend) as spend
    from {{ ref('kpi_cohort') }}
    where activity_month = date_trunc('month', {{ mart_date() }})
),

months as (
    select cast(date_trunc('month', date_day) as date) as month_start, sum(spend) as spend
    from {{ ref('kpi_channel_daily') }}
    group by cast(date_trunc('month', date_day) as date)
),

differences as (
    select
        'segments of a day' as what, date_day, 'customers' as measure, coalesce(customers, 0) as expected,
        segment_customers as told
    from booked_by_day
    union all
    select
        'segments of a day' as what, date_day, 'net_revenue' as measure, coalesce(net_revenue, 0) as expected,
        segment_net_revenue as told
    from booked_by_day
    union all
    select
        'cohorts' as what, null as date_day, 'customers' as measure,
        (select count(*) from first_orders) as expected, coalesce(cohorts.customers, 0) as told
    from cohorts
    union all
    select
        'cohorts' as what, null as date_day, 'net_revenue' as measure,
        (select coalesce(sum(booked.net_amount), 0) from booked) as expected, coalesce(cohorts.net_revenue, 0) as told
    from cohorts
    union all
    select
        'cohorts' as what, null as date_day, 'margin' as measure,
        (select coalesce(sum(booked.margin), 0) from booked) as expected, coalesce(cohorts.margin, 0) as told
    from cohorts
    union all
    select
        'cohorts' as what, null as date_day, 'spend' as measure,
        (select coalesce(sum(months.spend), 0) from months where months.month_start >= {{ kpi_start() }}) as expected,
        coalesce(cohorts.spend, 0) as told
    from cohorts
    union all
    select
        'dim_customer' as what, null as date_day, 'customers' as measure,
        (select count(*) from first_orders) as expected, count(segment) as told
    from {{ ref('dim_customer') }}
)

select * from differences
where {{ is_among_known("'new_customers'") }} and expected is distinct from told
