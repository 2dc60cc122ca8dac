-- What the models of lifetime value know of a customer: how often they came back, when last, and for how much.
with customer_days as (
    select * from {{ ref('int_customer_days') }}
    where is_purchase
),

purchases as (
    select
        person_id,
        first_purchase_day,
        max(date_day) as last_purchase_day,
        count(*) - 1 as repeat_purchases,
        sum(case when purchases_to_date > 1 then net_revenue end) as repeat_net_revenue
    from customer_days
    group by person_id, first_purchase_day
),

final as (
    select
        person_id,
        repeat_purchases,
        {{ days_between('first_purchase_day', 'last_purchase_day') }} as recency_days,
        {{ days_between('first_purchase_day', mart_date()) }} as age_days,
        {{ ratio('repeat_net_revenue', 'repeat_purchases') }} as mean_value
    from purchases
)

select * from final
