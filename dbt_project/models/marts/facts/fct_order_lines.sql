-- The lines of fct_orders. What an order holds beyond its lines (or without any) is its `(unallocated)` line, so
-- that lines add up to orders.
with orders as (
    select * from {{ ref('fct_orders') }}
),

lines as (
    select * from {{ ref('int_order_lines') }}
),

rates as (
    select * from {{ ref('int_fx_rates') }}
),

rests as (
    select * from {{ ref('int_orders') }}
    where gross_rest_local <> 0 or discount_rest_local <> 0 or refund_rest_local <> 0 or net_rest_local <> 0
),

unioned as (
    select
        source, order_id, line_id, product_id, quantity, returned_quantity, unit_price_local, gross_amount_local,
        discount_amount_local, refund_amount_local, net_amount_local, cost_amount_local
    from lines
    union all
    select
        source, order_id, '(unallocated)' as line_id, null as product_id, null as quantity,
        null as returned_quantity, null as unit_price_local, gross_rest_local as gross_amount_local,
        discount_rest_local as discount_amount_local, refund_rest_local as refund_amount_local,
        net_rest_local as net_amount_local, null as cost_amount_local
    from rests
),

final as (
    select
        orders.source, orders.order_id, unioned.line_id, orders.date_day, orders.person_id,
        orders.sales_channel, unioned.product_id,
        unioned.quantity, unioned.returned_quantity, orders.currency, unioned.unit_price_local,
        unioned.gross_amount_local, unioned.discount_amount_local, unioned.refund_amount_local,
        unioned.net_amount_local, unioned.cost_amount_local,
        {{ reporting_amount('unioned.net_amount_local', 'rates.fx_rate') }} as net_amount,
        {{ reporting_amount('unioned.cost_amount_local', 'rates.fx_rate') }} as cost_amount,
        {{ reporting_amount('(unioned.net_amount_local - unioned.cost_amount_local)', 'rates.fx_rate') }} as margin
    from unioned
    inner join orders on unioned.source = orders.source and unioned.order_id = orders.order_id
    left join rates on orders.currency = rates.currency and orders.date_day = rates.date_day
)

select * from final
