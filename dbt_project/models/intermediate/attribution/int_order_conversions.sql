-- Orders as conversions. A person's first order that is not cancelled is one of its own kind; every other order,
-- cancelled ones and credit notes too, is a repeat order, so that their revenue adds up to that of all orders.
{{ config(materialized='view') }}

with orders as (
    select * from {{ ref('int_orders') }}
),

persons as (
    select * from {{ ref('int_persons') }}
),

rates as (
    select * from {{ ref('int_fx_rates') }}
),

numbered as (
    select
        orders.source,
        orders.order_id,
        persons.person_id,
        orders.date_day,
        orders.ordered_at,
        orders.is_credit_note,
        not orders.is_cancelled and not orders.is_credit_note as is_sale,
        row_number() over (
            partition by persons.person_id, not orders.is_cancelled and not orders.is_credit_note
            order by orders.ordered_at, orders.order_id, orders.source
        ) as order_number,
        {{ reporting_amount('orders.net_amount_local', 'rates.fx_rate') }} as revenue,
        {{ reporting_amount('(orders.net_amount_local - orders.cost_amount_local)', 'rates.fx_rate') }} as margin
    from orders
    inner join persons on orders.person_identifier = persons.identifier
    left join rates on orders.currency = rates.currency and orders.date_day = rates.date_day
),

final as (
    select
        case when is_sale and order_number = 1 then 'first_order' else 'repeat_order' end as conversion_type,
        source,
        order_id as conversion_id,
        person_id,
        date_day,
        ordered_at as converted_at,
        case when is_credit_note then 0 else 1 end as conversions,
        revenue,
        margin
    from numbered
)

select * from final
