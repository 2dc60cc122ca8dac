with source as (
    select * from {{ source('landed', 'shopify__products') }}
),

final as (
    select
        product_id,
        created_at,
        updated_at,
        product_name,
        category,
        vendor,
        status
    from source
)

select * from final
