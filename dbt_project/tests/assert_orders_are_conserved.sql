-- Catches orders and revenue lost or doubled between the landing and fct_orders with quarantine (a join to persons,
-- rates or touches that drops or repeats rows), and lines that do not add up to their orders.
with landed as (
    select
        'shopify' as source, orders.order_id, orders.gross_amount - orders.discount_amount as sold,
        orders.ordered_at
    from {{ ref('stg_shopify__orders') }} as orders
    where not orders.is_test
    union all
    select 'files' as source, order_id, net_amount as sold, ordered_at
    from {{ ref('stg_files__orders') }}
    where coalesce(status, '') <> 'test'
),

expected as (
    select source, count(*) as orders, sum(sold) as sold
    from landed
    where {{ reporting_day('ordered_at') }} <= {{ mart_date() }}
    group by source
),

told_orders as (
    select
        source,
        case when source = 'shopify' then net_amount_local + refund_amount_local else net_amount_local end as sold
    from {{ ref('fct_orders') }}
    union all
    select quarantined.source, quarantined.amount_local + coalesce(refunds.amount, 0) as sold
    from {{ ref('quarantine') }} as quarantined
    left join {{ ref('int_order_refunds') }} as refunds
        on quarantined.row_key = refunds.order_id and quarantined.source = 'shopify'
    where quarantined.stream = 'orders'
),

told as (
    select source, count(*) as orders, sum(sold) as sold
    from told_orders
    group by source
),

orders as (
    select source, order_id, net_amount_local from {{ ref('fct_orders') }}
),

lines as (
    select source, order_id, sum(net_amount_local) as net_amount_local
    from {{ ref('fct_order_lines') }}
    group by source, order_id
)

select 'orders of the landing' as what, expected.source, null as order_id, expected.sold as expected, told.sold as told
from expected
full outer join told on expected.source = told.source
where expected.orders is distinct from told.orders or expected.sold is distinct from told.sold
union all
select
    'lines of the order' as what, orders.source, orders.order_id, orders.net_amount_local as expected,
    lines.net_amount_local as told
from orders
left join lines on orders.source = lines.source and orders.order_id = lines.order_id
where orders.net_amount_local <> coalesce(lines.net_amount_local, 0)
