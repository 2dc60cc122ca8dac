-- On each day what has begun by then less what has ended before, by segment; averages of those sums.
with day_changes as (
    select * from {{ ref('int_segment_changes') }}
),

days as (
    select * from {{ ref('dim_date') }}
    where is_kpi_day
),

segments as (
    select 'high_value' as segment
    union all
    select 'potential' as segment
    union all
    select 'at_risk' as segment
    union all
    select 'lost' as segment
    union all
    select 'new' as segment
),

known as (
    select
        days.date_day, segments.segment,
        {{ measure_of_day('new_customers', 'day_changes.customers') }} as customers,
        {{ measure_of_day('new_customers', 'day_changes.purchases') }} as purchases,
        {{ measure_of_day('new_customers', 'day_changes.net_revenue') }} as net_revenue,
        {{ measure_of_day('new_customers', 'day_changes.last_purchase') }} as last_purchase
    from days
    cross join segments
    left join day_changes on days.date_day = day_changes.date_day and segments.segment = day_changes.segment
),

totals as (
    select
        date_day, segment,
        cast(sum(customers) over to_date as bigint) as customers,
        cast(sum(purchases) over to_date as bigint) as purchases,
        cast(sum(net_revenue) over to_date as decimal(38, 10)) as net_revenue,
        cast(sum(last_purchase) over to_date as bigint) as last_purchase
    from known
    window to_date as (partition by segment order by date_day)
),

final as (
    select
        date_day, segment, customers, net_revenue, purchases,
        customers * {{ days_between(kpi_start(), 'date_day') }} - last_purchase as recency_days,
        {{ ratio('customers * ' ~ days_between(kpi_start(), 'date_day') ~ ' - last_purchase', 'customers') }}
            as average_recency_days,
        {{ ratio('purchases', 'customers') }} as average_frequency,
        {{ ratio('net_revenue', 'customers') }} as average_value
    from totals
)

select * from final
