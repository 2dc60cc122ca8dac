with source as (
    select * from {{ source('landed', 'files__orders') }}
),

final as (
    select
        order_id,
        ordered_at,
        upper(currency) as currency,
        net_amount,
        nullif(customer_id, '') as customer_id,
        nullif(email_hash, '') as email_hash,
        nullif(phone_hash, '') as phone_hash,
        gross_amount,
        discount_amount,
        refund_amount,
        cost_amount,
        lower(status) as status,
        coalesce(nullif(sales_channel, ''), 'offline') as sales_channel,
        nullif(store_id, '') as store_id,
        nullif(coupon_code, '') as coupon_code
    from source
)

select * from final
