with source as (
    select * from {{ source('landed', 'shopify__orders') }}
),

refunds as (
    select
        order_id,
        {{ explode('refunds') }} as refund
    from source
),

final as (
    select
        order_id,
        refund.refund_id,
        refund.refunded_at,
        refund.amount
    from refunds
)

select * from final
