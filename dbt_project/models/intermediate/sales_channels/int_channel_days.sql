with orders as (
    select * from {{ ref('fct_orders') }}
),

sales_channels as (
    select * from {{ ref('sales_channels') }}
),

-- By the names that orders give first: few rows are left to look up.
sums as (
    select
        date_day, sales_channel,
        sum(net_amount) as revenue,
        count(case when not is_credit_note then 1 end) as orders,
        count(case when is_first_order then 1 end) as new_customers,
        sum(case when not is_credit_note then gross_amount else 0 end) as gross_amount,
        sum(case when not is_credit_note then discount_amount else 0 end) as discount_amount
    from orders
    group by date_day, sales_channel
),

named as (
    select sums.*, coalesce(sales_channels.sales_channel, 'other') as place
    from sums
    left join sales_channels on lower(trim(sums.sales_channel)) = sales_channels.name
),

final as (
    select
        date_day,
        place as sales_channel,
        cast(sum(revenue) as decimal(38, 10)) as revenue,
        cast(sum(orders) as bigint) as orders,
        cast(sum(new_customers) as bigint) as new_customers,
        cast(sum(gross_amount) as decimal(38, 10)) as gross_amount,
        cast(sum(discount_amount) as decimal(38, 10)) as discount_amount
    from named
    group by date_day, place
)

select * from final
