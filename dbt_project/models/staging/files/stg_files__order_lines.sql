with source as (
    select * from {{ source('landed', 'files__order_lines') }}
),

final as (
    select
        order_id,
        line_id,
        nullif(product_id, '') as product_id,
        product_name,
        category,
        quantity,
        unit_price,
        discount_amount,
        unit_cost
    from source
)

select * from final
