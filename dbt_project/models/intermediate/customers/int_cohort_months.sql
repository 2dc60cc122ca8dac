-- What customers who came in one month by one channel did in each month after it in which they did anything.
with customer_days as (
    select * from {{ ref('int_customer_days') }}
),

customer_months as (
    select
        person_id,
        cast(date_trunc('month', first_purchase_day) as date) as acquisition_month,
        first_channel,
        {{ months_between('first_purchase_day', 'date_day') }} as months_since,
        count(case when is_purchase then 1 end) as purchases,
        count(case when is_purchase and purchases_to_date = 2 then 1 end) as new_repeat_customers,
        sum(net_revenue) as net_revenue,
        sum(margin) as margin,
        sum(orders_without_cost) as orders_without_cost
    from customer_days
    group by person_id, first_purchase_day, first_channel, {{ months_between('first_purchase_day', 'date_day') }}
),

final as (
    select
        acquisition_month as date_day,
        first_channel as channel,
        months_since,
        count(case when purchases > 0 then 1 end) as active,
        cast(sum(purchases) as bigint) as purchases,
        cast(sum(new_repeat_customers) as bigint) as new_repeat_customers,
        cast(sum(net_revenue) as decimal(38, 10)) as net_revenue,
        cast(sum(margin) as decimal(38, 10)) as margin,
        cast(sum(orders_without_cost) as bigint) as orders_without_cost
    from customer_months
    group by acquisition_month, first_channel, months_since
)

select * from final
