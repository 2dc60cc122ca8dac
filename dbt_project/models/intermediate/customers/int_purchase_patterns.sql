-- Customers with the same history are one row with a count: nothing is lost to a likelihood, and nearly all who
-- bought once fall together.
with purchases as (
    select * from {{ ref('int_customer_purchases') }}
),

final as (
    select repeat_purchases, recency_days, age_days, count(*) as customers
    from purchases
    group by repeat_purchases, recency_days, age_days
)

select * from final
