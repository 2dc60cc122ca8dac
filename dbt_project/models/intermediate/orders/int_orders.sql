-- Orders of every shop in their own currency, booked on their day, up to the mart's day. Test orders stay out.
with orders as (
    select * from {{ ref('int_orders_unioned') }}
    where not is_test and date_day <= {{ mart_date() }}
),

order_lines as (
    select * from {{ ref('int_order_lines') }}
),

quarantined as (
    select * from {{ ref('int_quarantine__orders') }}
),

shared as (
    select * from {{ ref('int_shared_identifiers') }}
),

-- An order's cost is known only where that of each line is.
line_costs as (
    select
        source, order_id,
        case when count(*) = count(cost_amount_local) then sum(cost_amount_local) end as cost
    from order_lines
    group by source, order_id
),

final as (
    select
        orders.source, orders.order_id, orders.ordered_at, orders.date_day, orders.sales_channel, orders.store_id,
        orders.customer_id, orders.email_hash,
        coalesce(
            orders.customer_identifier,
            case when shared_emails.identifier is null then orders.email_identifier end,
            case when shared_phones.identifier is null then orders.phone_identifier end,
            orders.order_identifier
        ) as person_identifier,
        orders.is_cancelled, orders.is_credit_note, orders.currency,
        {{ local_amount('orders.gross') }} as gross_amount_local,
        {{ local_amount('orders.discount') }} as discount_amount_local,
        {{ local_amount('orders.refund') }} as refund_amount_local,
        {{ local_amount('orders.net') }} as net_amount_local,
        {{ local_amount('coalesce(orders.cost, line_costs.cost)') }} as cost_amount_local
    from orders
    left join line_costs on orders.source = line_costs.source and orders.order_id = line_costs.order_id
    left join quarantined on orders.source = quarantined.source and orders.order_id = quarantined.row_key
    left join shared as shared_emails on orders.email_identifier = shared_emails.identifier
    left join shared as shared_phones on orders.phone_identifier = shared_phones.identifier
    where quarantined.row_key is null
)

select * from final
