-- Every KPI day of every sales channel since its first order.
with days as (
    select * from {{ ref('dim_date') }}
    where is_kpi_day
),

channel_days as (
    select * from {{ ref('int_channel_days') }}
),

customers as (
    select * from {{ ref('int_channel_customers') }}
),

prices as (
    select * from {{ ref('int_channel_prices') }}
),

first_days as (
    select sales_channel, min(date_day) as date_day
    from channel_days
    group by sales_channel
),

dense as (
    select
        days.date_day, first_days.sales_channel,
        coalesce(channel_days.revenue, 0) as revenue,
        coalesce(channel_days.orders, 0) as orders,
        coalesce(channel_days.new_customers, 0) as new_customers,
        coalesce(channel_days.gross_amount, 0) as gross_amount,
        coalesce(channel_days.discount_amount, 0) as discount_amount
    from days
    inner join first_days on days.date_day >= first_days.date_day
    left join channel_days
        on days.date_day = channel_days.date_day and first_days.sales_channel = channel_days.sales_channel
),

final as (
    select
        dense.date_day,
        dense.sales_channel,
        cast(dense.revenue as decimal(38, 10)) as revenue,
        {{ ratio('dense.revenue', 'sum(dense.revenue) over (partition by dense.date_day)') }} as revenue_share,
        cast(dense.orders as bigint) as orders,
        cast(coalesce(customers.customers, 0) as bigint) as customers,
        cast(dense.new_customers as bigint) as new_customers,
        cast(coalesce(customers.shared_customers, 0) as bigint) as shared_customers,
        {{ ratio('customers.shared_customers', 'customers.customers') }} as shared_customer_share,
        cast(dense.gross_amount as decimal(38, 10)) as gross_amount,
        cast(dense.discount_amount as decimal(38, 10)) as discount_amount,
        {{ ratio('dense.discount_amount', 'dense.gross_amount') }} as discount_depth,
        prices.compared_amount,
        prices.compared_amount_elsewhere,
        {{ growth('prices.compared_amount', 'prices.compared_amount_elsewhere') }} as price_gap
    from dense
    left join customers
        on dense.date_day = customers.date_day and dense.sales_channel = customers.sales_channel
    left join prices on dense.date_day = prices.date_day and dense.sales_channel = prices.sales_channel
)

select * from final
