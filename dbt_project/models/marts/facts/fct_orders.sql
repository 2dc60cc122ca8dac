with orders as (
    select * from {{ ref('int_orders') }}
),

persons as (
    select * from {{ ref('int_persons') }}
),

touches as (
    select * from {{ ref('int_attributed_touches') }}
),

rates as (
    select * from {{ ref('int_fx_rates') }}
),

-- A cancelled order or a credit note is nobody's first order.
first_orders as (
    select
        orders.source,
        orders.order_id,
        row_number() over (
            partition by persons.person_id order by orders.ordered_at, orders.order_id, orders.source
        ) as order_number
    from orders
    inner join persons on orders.person_identifier = persons.identifier
    where not orders.is_cancelled and not orders.is_credit_note
),

final as (
    select
        orders.source,
        orders.order_id,
        orders.date_day,
        orders.ordered_at,
        persons.person_id,
        orders.sales_channel,
        orders.store_id,
        orders.is_cancelled,
        orders.is_credit_note,
        coalesce(first_orders.order_number = 1, false) as is_first_order,
        touches.channel,
        touches.utm_campaign,
        orders.currency,
        orders.gross_amount_local,
        orders.discount_amount_local,
        orders.refund_amount_local,
        orders.net_amount_local,
        orders.cost_amount_local,
        {{ reporting_amount('orders.gross_amount_local', 'rates.fx_rate') }} as gross_amount,
        {{ reporting_amount('orders.discount_amount_local', 'rates.fx_rate') }} as discount_amount,
        {{ reporting_amount('orders.refund_amount_local', 'rates.fx_rate') }} as refund_amount,
        {{ reporting_amount('orders.net_amount_local', 'rates.fx_rate') }} as net_amount,
        {{ reporting_amount('orders.cost_amount_local', 'rates.fx_rate') }} as cost_amount,
        {{ reporting_amount('(orders.net_amount_local - orders.cost_amount_local)', 'rates.fx_rate') }} as margin,
        rates.fx_rate,
        rates.fx_rate_day
    from orders
    inner join persons on orders.person_identifier = persons.identifier
    left join first_orders on orders.source = first_orders.source and orders.order_id = first_orders.order_id
    left join touches
        on touches.conversion_type = 'order'
        and orders.source = touches.source
        and orders.order_id = touches.conversion_id
    left join rates on orders.currency = rates.currency and orders.date_day = rates.date_day
)

select * from final
