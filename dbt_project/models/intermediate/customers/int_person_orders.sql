-- The order that makes a person a customer, and what all of theirs come to.
with orders as (
    select * from {{ ref('fct_orders') }}
),

final as (
    select
        person_id,
        count(case when not is_credit_note then 1 end) as orders,
        cast(sum(net_amount) as decimal(38, 10)) as net_revenue,
        max(date_day) as last_order_day,
        max(case when is_first_order then ordered_at end) as first_order_at,
        max(case when is_first_order then date_day end) as first_order_day,
        max(case when is_first_order then source end) as first_order_source,
        max(case when is_first_order then channel end) as first_channel
    from orders
    group by person_id
)

select * from final
