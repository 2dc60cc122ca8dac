with source as (
    select * from {{ source('landed', 'shopify__orders') }}
),

lines as (
    select
        order_id,
        {{ explode('lines') }} as line
    from source
),

final as (
    select
        order_id,
        line.line_id,
        nullif(line.product_id, '') as product_id,
        line.product_name,
        line.quantity,
        line.unit_price,
        line.discount_amount,
        line.unit_cost
    from lines
)

select * from final
