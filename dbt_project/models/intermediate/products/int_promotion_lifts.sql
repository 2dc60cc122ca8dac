-- What a promotion sold up to each of its days, and what sold on the days that it is measured against; days without
-- sales count.
with promotion_days as (
    select * from {{ ref('int_promotion_days') }}
),

sales as (
    select product_id, date_day, sum(units) as units
    from {{ ref('int_product_sales') }}
    group by product_id, date_day
),

orders as (
    select * from {{ ref('int_promotion_orders') }}
),

days as (
    select
        promotion_days.*,
        coalesce(sales.units, 0) as units,
        coalesce(orders.orders, 0) as orders,
        coalesce(orders.linked_units, 0) as linked_units
    from promotion_days
    left join sales
        on promotion_days.product_id = sales.product_id and promotion_days.date_day = sales.date_day
    left join orders
        on promotion_days.product_id = orders.product_id and promotion_days.date_day = orders.date_day
),

baselines as (
    select
        promotion_id, product_id, count(*) as days, sum(units) as units, sum(orders) as orders,
        sum(linked_units) as linked_units
    from days
    where is_baseline
    group by promotion_id, product_id
),

to_date as (
    select
        *,
        count(*) over so_far as days_so_far,
        sum(units) over so_far as units_so_far,
        sum(orders) over so_far as orders_so_far,
        sum(linked_units) over so_far as linked_units_so_far
    from days
    where not is_baseline
    window so_far as (partition by promotion_id, product_id order by date_day)
),

final as (
    select
        to_date.product_id,
        to_date.date_day,
        to_date.promotion_id,
        to_date.discount_rate,
        cast(to_date.orders as bigint) as orders,
        cast(to_date.linked_units as decimal(38, 6)) as linked_units,
        cast(to_date.days_so_far as bigint) as promotion_days,
        cast(to_date.units_so_far as decimal(38, 6)) as promotion_units,
        cast(to_date.orders_so_far as bigint) as promotion_orders,
        cast(to_date.linked_units_so_far as decimal(38, 6)) as promotion_linked_units,
        cast(coalesce(baselines.days, 0) as bigint) as baseline_days,
        cast(coalesce(baselines.units, 0) as decimal(38, 6)) as baseline_units,
        cast(coalesce(baselines.orders, 0) as bigint) as baseline_orders,
        cast(coalesce(baselines.linked_units, 0) as decimal(38, 6)) as baseline_linked_units
    from to_date
    left join baselines
        on to_date.promotion_id = baselines.promotion_id and to_date.product_id = baselines.product_id
)

select * from final
