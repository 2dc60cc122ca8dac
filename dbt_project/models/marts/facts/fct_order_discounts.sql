-- Codes that customers entered, whatever their case. What was taken off without one is in their discount_amount alone.
with orders as (
    select * from {{ ref('fct_orders') }}
),

shopify_codes as (
    select * from {{ ref('stg_shopify__discount_codes') }}
),

file_orders as (
    select * from {{ ref('stg_files__orders') }}
),

unioned as (
    select 'shopify' as source, order_id, upper(trim(discount_code)) as discount_code from shopify_codes
    union
    select 'files' as source, order_id, upper(trim(coupon_code)) as discount_code from file_orders
    where coupon_code is not null
),

final as (
    select unioned.source, unioned.order_id, unioned.discount_code, orders.date_day
    from unioned
    inner join orders on unioned.source = orders.source and unioned.order_id = orders.order_id
)

select * from final
