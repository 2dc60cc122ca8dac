-- Orders are counted for the last touch that is not Direct; their money is the default model's. Where an order's cost
-- is unknown its revenue stands in for its margin, and orders_without_cost says so.
with orders as (
    select * from {{ ref('fct_orders') }}
),

revenue_days as (
    select * from {{ ref('int_revenue_days') }}
),

-- One pass over the orders, and one row per measure of what is left.
order_sums as (
    select
        date_day, channel, utm_campaign,
        count(case when not is_credit_note then 1 end) as orders,
        count(case when is_first_order then 1 end) as new_customers,
        count(case when margin is null and not is_credit_note then 1 end) as orders_without_cost
    from orders
    where date_day >= {{ kpi_start() }} and date_day <= {{ mart_date() }}
    group by date_day, channel, utm_campaign
),

final as (
    select date_day, channel, utm_campaign, 'orders' as measure, {{ measure_value('orders') }} as value
    from order_sums where orders > 0
    union all
    select date_day, channel, utm_campaign, 'new_customers' as measure, {{ measure_value('new_customers') }} as value
    from order_sums where new_customers > 0
    union all
    select
        date_day, channel, utm_campaign,
        'orders_without_cost' as measure, {{ measure_value('orders_without_cost') }} as value
    from order_sums where orders_without_cost > 0
    union all
    select date_day, channel, utm_campaign, 'net_revenue' as measure, net_revenue as value from revenue_days
    union all
    select date_day, channel, utm_campaign, 'margin' as measure, margin as value from revenue_days
)

select * from final
