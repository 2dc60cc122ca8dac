-- Days with a sale or a promotion. A lift compares sums: units per promoted day so far with units per baseline day; of
-- a baseline under 14 days, two of each weekday, nothing is said.
with sales as (
    select
        date_day, product_id,
        sum(units) as units, sum(returned_units) as returned_units, sum(sold_amount) as sold_amount,
        sum(refund_amount) as refund_amount, sum(revenue) as revenue, sum(margin) as margin,
        sum(revenue_with_cost) as revenue_with_cost
    from {{ ref('int_product_sales') }}
    where date_day >= {{ kpi_start() }}
    group by date_day, product_id
),

lifts as (
    select * from {{ ref('int_promotion_lifts') }}
    where date_day >= {{ kpi_start() }}
),

products as (
    select * from {{ ref('int_products') }}
),

unsold as (
    select lifts.date_day, lifts.product_id
    from lifts
    left join sales on lifts.date_day = sales.date_day and lifts.product_id = sales.product_id
    where sales.product_id is null
),

days as (
    select
        date_day, product_id, units, returned_units, sold_amount, refund_amount, revenue, margin, revenue_with_cost
    from sales
    union all
    select
        date_day, product_id, 0 as units, 0 as returned_units, 0 as sold_amount, 0 as refund_amount, 0 as revenue,
        0 as margin, 0 as revenue_with_cost
    from unsold
),

final as (
    select
        days.date_day,
        days.product_id,
        products.product_name,
        cast(days.units as decimal(38, 6)) as units,
        cast(days.returned_units as decimal(38, 6)) as returned_units,
        cast(days.sold_amount as decimal(38, 10)) as sold_amount,
        cast(days.refund_amount as decimal(38, 10)) as refund_amount,
        cast(days.revenue as decimal(38, 10)) as revenue,
        cast(days.margin as decimal(38, 10)) as margin,
        cast(days.revenue_with_cost as decimal(38, 10)) as revenue_with_cost,
        case when days.revenue > 0 then {{ ratio('days.revenue_with_cost', 'days.revenue') }} end as known_cost_share,
        {{ ratio('days.refund_amount', 'days.sold_amount') }} as refund_rate,
        lifts.product_id is not null as is_promoted,
        lifts.promotion_id,
        lifts.discount_rate,
        lifts.promotion_days,
        lifts.promotion_units,
        lifts.baseline_days,
        lifts.baseline_units,
        case when lifts.baseline_days >= 14 then {{ growth(
            'lifts.promotion_units * lifts.baseline_days', 'lifts.baseline_units * lifts.promotion_days'
        ) }} end as lift,
        lifts.orders as promoted_orders,
        lifts.linked_units,
        case when lifts.baseline_days >= 14 then {{ growth(
            'lifts.promotion_linked_units * lifts.baseline_orders',
            'lifts.baseline_linked_units * lifts.promotion_orders'
        ) }} end as linked_lift
    from days
    left join lifts on days.date_day = lifts.date_day and days.product_id = lifts.product_id
    left join products on days.product_id = products.product_id
)

select * from final
