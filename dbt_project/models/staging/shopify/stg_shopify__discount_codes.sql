with source as (
    select * from {{ source('landed', 'shopify__orders') }}
),

codes as (
    select
        order_id,
        {{ explode('discount_codes') }} as discount_code
    from source
),

final as (
    select
        order_id,
        discount_code
    from codes
)

select * from final
