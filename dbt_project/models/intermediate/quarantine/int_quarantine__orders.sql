-- Orders that can't be right: an amount in no currency. Test orders are out anyway.
with shopify_orders as (
    select * from {{ ref('stg_shopify__orders') }}
    where not is_test
),

refunds as (
    select * from {{ ref('int_order_refunds') }}
),

file_orders as (
    select * from {{ ref('stg_files__orders') }}
    where coalesce(status, '') <> 'test'
),

unioned as (
    select
        'shopify' as source, orders.order_id, orders.ordered_at, orders.sales_channel, orders.currency,
        orders.gross_amount - orders.discount_amount - coalesce(refunds.amount, 0) as net_amount
    from shopify_orders as orders
    left join refunds on orders.order_id = refunds.order_id
    union all
    select 'files' as source, order_id, ordered_at, sales_channel, currency, net_amount
    from file_orders
),

final as (
    select
        source,
        'orders' as stream,
        order_id as row_key,
        {{ reporting_day('ordered_at') }} as date_day,
        'missing_currency' as reason,
        currency,
        {{ local_amount('net_amount') }} as amount_local,
        {{ json_row(['order_id', 'ordered_at', 'sales_channel', 'net_amount', 'currency']) }} as row_json
    from unioned
    where currency is null and {{ reporting_day('ordered_at') }} <= {{ mart_date() }}
)

select * from final
