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
line_sums as (
    select
        source, order_id,
        sum(gross_amount_local) as gross, sum(discount_amount_local) as discount,
        sum(refund_amount_local) as refund, sum(net_amount_local) as net,
        case when count(*) = count(cost_amount_local) then sum(cost_amount_local) end as cost
    from order_lines
    group by source, order_id
),

final as (
    select
        orders.source, orders.order_id, orders.ordered_at, orders.date_day, orders.sales_channel, orders.store_id,
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
        {{ local_amount('coalesce(orders.cost, line_sums.cost)') }} as cost_amount_local,
        -- What an order holds beyond its lines, all of it where it has none.
        {{ local_amount('orders.gross - coalesce(line_sums.gross, 0)') }} as gross_rest_local,
        {{ local_amount('orders.discount - coalesce(line_sums.discount, 0)') }} as discount_rest_local,
        {{ local_amount('orders.refund - coalesce(line_sums.refund, 0)') }} as refund_rest_local,
        {{ local_amount('orders.net - coalesce(line_sums.net, 0)') }} as net_rest_local
    from orders
    left join line_sums on orders.source = line_sums.source and orders.order_id = line_sums.order_id
    left join quarantined on orders.source = quarantined.source and orders.order_id = quarantined.row_key
    left join shared as shared_emails on orders.email_identifier = shared_emails.identifier
    left join shared as shared_phones on orders.phone_identifier = shared_phones.identifier
    where quarantined.row_key is null
)

select * from final
