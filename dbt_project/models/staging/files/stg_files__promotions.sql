with source as (
    select * from {{ source('landed', 'files__promotions') }}
),

final as (
    select
        promotion_id,
        product_id,
        starts_on,
        ends_on,
        discount_rate
    from source
)

select * from final
