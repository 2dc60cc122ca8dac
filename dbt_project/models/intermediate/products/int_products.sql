-- A product id means the same product wherever it is sold: offline orders and promotions name the shop's own ids.
with products as (
    select * from {{ ref('dim_product') }}
),

sales as (
    select * from {{ ref('int_product_sales') }}
),

orders_known as (
    select min(date_day) as first_day from sales
),

first_sales as (
    select product_id, min(date_day) as date_day
    from sales
    group by product_id
),

named as (
    select
        product_id,
        coalesce(max(case when is_in_catalogue then product_name end), max(product_name)) as product_name,
        min({{ reporting_day('created_at') }}) as created_day
    from products
    group by product_id
),

final as (
    select
        named.product_id,
        named.product_name,
        -- Without it a day before the first order of all would count as a day without sales.
        greatest(least(named.created_day, first_sales.date_day), orders_known.first_day) as sold_from
    from named
    left join first_sales on named.product_id = first_sales.product_id
    cross join orders_known
)

select * from final
