-- The net revenue to date from which a customer of the mart's day is of high value: that of the customer at the
-- rank `high_value_share` of all from the top. It is a value, so customers with the same one are on the same side.
with customer_days as (
    select * from {{ ref('int_customer_days') }}
    where next_day is null
),

ranked as (
    select
        net_revenue_to_date,
        row_number() over (order by net_revenue_to_date desc) as place,
        count(*) over () as customers
    from customer_days
),

final as (
    select min(net_revenue_to_date) as high_value_from
    from ranked
    where place <= ceil(customers * {{ var('customers').high_value_share }})
)

select * from final
