with source as (
    select * from {{ source('landed', 'shopify__orders') }}
),

final as (
    select
        shop,
        order_id,
        coalesce(processed_at, created_at) as ordered_at,
        updated_at,
        cancelled_at,
        coalesce(is_test, false) as is_test,
        upper(currency) as currency,
        nullif(customer_id, '') as customer_id,
        nullif(email_hash, '') as email_hash,
        nullif(phone_hash, '') as phone_hash,
        sales_channel,
        gross_amount,
        discount_amount
    from source
)

select * from final
