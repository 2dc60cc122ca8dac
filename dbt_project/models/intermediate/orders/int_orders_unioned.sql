{{ config(materialized='view') }}

-- Orders of every shop in one shape, with the identifiers that tell whose they are.
with shopify_orders as (
    select * from {{ ref('stg_shopify__orders') }}
),

refunds as (
    select * from {{ ref('int_order_refunds') }}
),

file_orders as (
    select * from {{ ref('stg_files__orders') }}
),

unioned as (
    select
        'shopify' as source, orders.order_id, orders.ordered_at, orders.sales_channel,
        cast(null as varchar) as store_id, orders.customer_id, orders.email_hash, orders.phone_hash, orders.currency,
        orders.gross_amount as gross, orders.discount_amount as discount,
        coalesce(refunds.amount, 0) as refund,
        orders.gross_amount - orders.discount_amount - coalesce(refunds.amount, 0) as net,
        cast(null as decimal(18, 6)) as cost,
        orders.is_test, orders.cancelled_at is not null as is_cancelled, false as is_credit_note
    from shopify_orders as orders
    left join refunds on orders.order_id = refunds.order_id
    union all
    select
        'files' as source, order_id, ordered_at, sales_channel, store_id, customer_id, email_hash, phone_hash, currency,
        coalesce(gross_amount, net_amount + coalesce(discount_amount, 0) + coalesce(refund_amount, 0)) as gross,
        coalesce(discount_amount, 0) as discount, coalesce(refund_amount, 0) as refund, net_amount as net,
        cost_amount as cost, coalesce(status, '') = 'test' as is_test,
        coalesce(status, '') in ('cancelled', 'canceled', 'voided') as is_cancelled,
        net_amount < 0 as is_credit_note
    from file_orders
),

final as (
    select
        source, order_id, ordered_at, {{ reporting_day('ordered_at') }} as date_day, sales_channel, store_id,
        customer_id, email_hash, {{ order_identifiers('source') }},
        currency, gross, discount, refund, net, cost, is_test, is_cancelled, is_credit_note
    from unioned
)

select * from final
