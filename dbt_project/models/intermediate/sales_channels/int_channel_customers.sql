-- Who bought where: a customer is shared where the same person also bought in another sales channel on that day or in
-- the 365 before. The lowest and the highest name among them differ where there are two.
with orders as (
    select * from {{ ref('fct_orders') }}
    where not is_cancelled and not is_credit_note and date_day >= {{ days_after(kpi_start(), -365) }}
),

sales_channels as (
    select * from {{ ref('sales_channels') }}
),

person_days as (
    select distinct
        orders.person_id, orders.date_day, coalesce(sales_channels.sales_channel, 'other') as sales_channel
    from orders
    left join sales_channels on lower(trim(orders.sales_channel)) = sales_channels.name
),

-- Most persons buy in one place only, and need no look back.
changers as (
    select person_id
    from person_days
    group by person_id
    having min(sales_channel) <> max(sales_channel)
),

looked_back as (
    select
        person_days.person_id, person_days.date_day, person_days.sales_channel,
        min(person_days.sales_channel) over year <> max(person_days.sales_channel) over year as is_shared
    from person_days
    inner join changers on person_days.person_id = changers.person_id
    window year as (
        partition by person_days.person_id order by person_days.date_day
        range between interval 365 days preceding and current row
    )
),

customers as (
    select date_day, sales_channel, count(*) as customers
    from person_days
    where date_day >= {{ kpi_start() }}
    group by date_day, sales_channel
),

shared as (
    select date_day, sales_channel, count(*) as customers
    from looked_back
    where is_shared
    group by date_day, sales_channel
),

final as (
    select
        customers.date_day,
        customers.sales_channel,
        customers.customers,
        coalesce(shared.customers, 0) as shared_customers
    from customers
    left join shared
        on customers.date_day = shared.date_day and customers.sales_channel = shared.sales_channel
)

select * from final
