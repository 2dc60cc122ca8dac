-- Catches lines that a join to orders, rates or channels' names drops or repeats on their way to products and sales
-- channels, and a promotion that doubles a product's day. Lines are rounded to 10 decimals one by one, as orders are:
-- products may differ from orders by half of the last digit per line and order. Sales channels may not differ at all.
with roundings as (
    select date_day, count(*) * 0.00000000005 as allowed
    from (
        select date_day from {{ ref('fct_order_lines') }}
        union all
        select date_day from {{ ref('fct_orders') }}
    ) as rounded
    group by date_day
),

products as (
    select date_day, sum(revenue) as revenue, sum(sold_amount) - sum(refund_amount) as kept
    from {{ ref('kpi_product_daily') }}
    group by date_day
),

channels as (
    select
        date_day, sum(revenue) as revenue, sum(orders) as orders, sum(new_customers) as new_customers
    from {{ ref('kpi_channel_mix') }}
    group by date_day
),

told as (
    select
        days.date_day, days.net_revenue, days.orders, days.new_customers,
        coalesce(products.revenue, 0) as product_revenue, coalesce(products.kept, 0) as product_kept,
        coalesce(channels.revenue, 0) as channel_revenue, coalesce(channels.orders, 0) as channel_orders,
        coalesce(channels.new_customers, 0) as channel_new_customers,
        coalesce(roundings.allowed, 0) as allowed
    from {{ ref('kpi_daily') }} as days
    left join products on days.date_day = products.date_day
    left join channels on days.date_day = channels.date_day
    left join roundings on days.date_day = roundings.date_day
)

select * from told
where
    abs(product_revenue - net_revenue) > allowed
    or abs(product_kept - net_revenue) > allowed
    or channel_revenue <> net_revenue
    or channel_orders <> orders
    or channel_new_customers <> new_customers
