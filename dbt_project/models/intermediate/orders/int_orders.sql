-- Orders of every shop in their own currency, booked on their day, up to the mart's day. Test orders stay out.
with shopify_orders as (
    select * from {{ ref('stg_shopify__orders') }}
),

refunds as (
    select * from {{ ref('int_order_refunds') }}
),

file_orders as (
    select * from {{ ref('stg_files__orders') }}
),

order_lines as (
    select * from {{ ref('int_order_lines') }}
),

quarantined as (
    select * from {{ ref('int_quarantine__orders') }}
),

-- An order's cost is known only where that of each line is.
line_costs as (
    select
        source, order_id,
        case when count(*) = count(cost_amount_local) then sum(cost_amount_local) end as cost
    from order_lines
    group by source, order_id
),

unioned as (
    select
        'shopify' as source, orders.order_id, orders.ordered_at, orders.sales_channel,
        cast(null as varchar) as store_id, orders.customer_id, orders.email_hash, orders.currency,
        orders.gross_amount as gross, orders.discount_amount as discount,
        coalesce(refunds.amount, 0) as refund,
        orders.gross_amount - orders.discount_amount - coalesce(refunds.amount, 0) as net,
        cast(null as decimal(18, 6)) as cost,
        orders.is_test, orders.cancelled_at is not null as is_cancelled, false as is_credit_note
    from shopify_orders as orders
    left join refunds on orders.order_id = refunds.order_id
    union all
    select
        'files' as source, order_id, ordered_at, sales_channel, store_id, customer_id, email_hash, currency,
        coalesce(gross_amount, net_amount + coalesce(discount_amount, 0) + coalesce(refund_amount, 0)) as gross,
        coalesce(discount_amount, 0) as discount, coalesce(refund_amount, 0) as refund, net_amount as net,
        cost_amount as cost, coalesce(status, '') = 'test' as is_test,
        coalesce(status, '') in ('cancelled', 'canceled', 'voided') as is_cancelled,
        net_amount < 0 as is_credit_note
    from file_orders
),

final as (
    select
        unioned.source, unioned.order_id, unioned.ordered_at,
        {{ reporting_day('unioned.ordered_at') }} as date_day,
        unioned.sales_channel, unioned.store_id, unioned.customer_id, unioned.email_hash,
        {{ person_identifier(
            'unioned.customer_id', 'unioned.email_hash', "'order:' || unioned.source || ':' || unioned.order_id"
        ) }} as person_identifier,
        unioned.is_cancelled, unioned.is_credit_note, unioned.currency,
        {{ local_amount('unioned.gross') }} as gross_amount_local,
        {{ local_amount('unioned.discount') }} as discount_amount_local,
        {{ local_amount('unioned.refund') }} as refund_amount_local,
        {{ local_amount('unioned.net') }} as net_amount_local,
        {{ local_amount('coalesce(unioned.cost, line_costs.cost)') }} as cost_amount_local
    from unioned
    left join line_costs on unioned.source = line_costs.source and unioned.order_id = line_costs.order_id
    left join quarantined on unioned.source = quarantined.source and unioned.order_id = quarantined.row_key
    where
        not unioned.is_test and quarantined.row_key is null
        and {{ reporting_day('unioned.ordered_at') }} <= {{ mart_date() }}
)

select * from final
