with orders as (
    select * from {{ ref('int_orders') }}
),

conversions as (
    select * from {{ ref('int_attributed_touches') }}
    where conversion_type in ('first_order', 'repeat_order')
),

rates as (
    select * from {{ ref('int_fx_rates') }}
),

final as (
    select
        orders.source,
        orders.order_id,
        orders.date_day,
        orders.ordered_at,
        conversions.person_id,
        orders.sales_channel,
        orders.store_id,
        orders.is_cancelled,
        orders.is_credit_note,
        conversions.conversion_type = 'first_order' as is_first_order,
        conversions.channel,
        conversions.utm_campaign,
        orders.currency,
        orders.gross_amount_local,
        orders.discount_amount_local,
        orders.refund_amount_local,
        orders.net_amount_local,
        orders.cost_amount_local,
        {{ reporting_amount('orders.gross_amount_local', 'rates.fx_rate') }} as gross_amount,
        {{ reporting_amount('orders.discount_amount_local', 'rates.fx_rate') }} as discount_amount,
        {{ reporting_amount('orders.refund_amount_local', 'rates.fx_rate') }} as refund_amount,
        conversions.revenue as net_amount,
        {{ reporting_amount('orders.cost_amount_local', 'rates.fx_rate') }} as cost_amount,
        conversions.margin,
        rates.fx_rate,
        rates.fx_rate_day
    from orders
    inner join conversions
        on orders.source = conversions.source and orders.order_id = conversions.conversion_id
    left join rates on orders.currency = rates.currency and orders.date_day = rates.date_day
)

select * from final
