-- What customers booked, by day. A customer is a person with a purchase: an order that is neither cancelled nor a
-- credit note; orders of one day are one purchase. What was booked before the first purchase (a cancelled order, a
-- credit note) stands on its day, so that nothing of a customer is lost.
with orders as (
    select * from {{ ref('fct_orders') }}
),

first_purchases as (
    select person_id, date_day as first_purchase_day, coalesce(channel, '(unknown)') as first_channel
    from orders
    where is_first_order
),

booked as (
    select
        orders.person_id,
        greatest(orders.date_day, first_purchases.first_purchase_day) as date_day,
        first_purchases.first_purchase_day,
        first_purchases.first_channel,
        max(case when orders.is_cancelled or orders.is_credit_note then 0 else 1 end) as purchases,
        sum(orders.net_amount) as net_revenue,
        sum(coalesce(orders.margin, orders.net_amount)) as margin,
        count(case when orders.margin is null and not orders.is_credit_note then 1 end) as orders_without_cost
    from orders
    inner join first_purchases on orders.person_id = first_purchases.person_id
    group by
        orders.person_id, greatest(orders.date_day, first_purchases.first_purchase_day),
        first_purchases.first_purchase_day, first_purchases.first_channel
),

final as (
    select
        person_id,
        date_day,
        first_purchase_day,
        first_channel,
        purchases = 1 as is_purchase,
        cast(net_revenue as decimal(38, 10)) as net_revenue,
        cast(margin as decimal(38, 10)) as margin,
        orders_without_cost,
        cast(sum(purchases) over by_day as bigint) as purchases_to_date,
        cast(sum(net_revenue) over by_day as decimal(38, 10)) as net_revenue_to_date,
        max(case when purchases = 1 then date_day end) over by_day as last_purchase_day,
        lead(date_day) over by_day as next_day
    from booked
    window by_day as (partition by person_id order by date_day)
)

select * from final
