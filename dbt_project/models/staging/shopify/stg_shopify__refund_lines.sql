with source as (
    select * from {{ source('landed', 'shopify__orders') }}
),

refunds as (
    select
        order_id,
        {{ explode('refunds') }} as refund
    from source
),

refund_lines as (
    select
        order_id,
        refund.refund_id,
        {{ explode('refund.lines') }} as line
    from refunds
),

final as (
    select
        order_id,
        refund_id,
        line.line_id,
        line.quantity,
        line.amount
    from refund_lines
)

select * from final
