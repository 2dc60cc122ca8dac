-- What else was in the basket: only orders with a promoted product, on its promoted and baseline days, are read.
with promotion_days as (
    select distinct product_id, date_day from {{ ref('int_promotion_days') }}
),

lines as (
    select * from {{ ref('fct_order_lines') }}
    where quantity > 0
),

baskets_with_product as (
    select
        lines.source, lines.order_id, lines.date_day, lines.product_id,
        sum(lines.quantity) as units
    from lines
    inner join promotion_days
        on lines.product_id = promotion_days.product_id and lines.date_day = promotion_days.date_day
    group by lines.source, lines.order_id, lines.date_day, lines.product_id
),

orders_with_product as (
    select distinct source, order_id from baskets_with_product
),

baskets as (
    select lines.source, lines.order_id, sum(lines.quantity) as units
    from lines
    inner join orders_with_product
        on lines.source = orders_with_product.source and lines.order_id = orders_with_product.order_id
    group by lines.source, lines.order_id
),

final as (
    select
        baskets_with_product.product_id,
        baskets_with_product.date_day,
        count(*) as orders,
        cast(sum(baskets.units - baskets_with_product.units) as decimal(38, 6)) as linked_units
    from baskets_with_product
    inner join baskets
        on baskets_with_product.source = baskets.source and baskets_with_product.order_id = baskets.order_id
    group by baskets_with_product.product_id, baskets_with_product.date_day
)

select * from final
