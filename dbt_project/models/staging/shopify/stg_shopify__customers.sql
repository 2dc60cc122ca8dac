with source as (
    select * from {{ source('landed', 'shopify__customers') }}
),

final as (
    select
        customer_id,
        created_at,
        updated_at,
        nullif(email_hash, '') as email_hash,
        nullif(phone_hash, '') as phone_hash
    from source
)

select * from final
