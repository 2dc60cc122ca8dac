-- Lines added up once for every table of products. Amounts are added up in the order's currency first, then
-- converted; revenue and margin are those of the lines themselves.
with lines as (
    select
        *,
        coalesce(product_id, case when line_id = '(unallocated)' then '(unallocated)' else '(none)' end) as product_key,
        gross_amount_local - discount_amount_local as price_local
    from {{ ref('fct_order_lines') }}
),

rates as (
    select * from {{ ref('int_fx_rates') }}
),

sales_channels as (
    select * from {{ ref('sales_channels') }}
),

-- A line with a negative quantity or price gives back (a credit note's): it is a return, not a negative sale.
line_sums as (
    select
        date_day, product_key, sales_channel, currency,
        sum(case when quantity < 0 then 0 else quantity end) as units,
        sum(case when quantity < 0 then -quantity else returned_quantity end) as returned_units,
        sum(case when price_local > 0 then price_local else 0 end) as sold_local,
        sum(refund_amount_local + case when price_local < 0 then -price_local else 0 end) as refund_local,
        sum(net_amount) as revenue,
        sum(margin) as margin,
        sum(case when margin is not null then net_amount else 0 end) as revenue_with_cost
    from lines
    group by date_day, product_key, sales_channel, currency
),

converted as (
    select
        line_sums.*,
        coalesce(sales_channels.sales_channel, 'other') as place,
        {{ reporting_amount('line_sums.sold_local', 'rates.fx_rate') }} as sold,
        {{ reporting_amount('line_sums.refund_local', 'rates.fx_rate') }} as refund
    from line_sums
    left join rates on line_sums.currency = rates.currency and line_sums.date_day = rates.date_day
    left join sales_channels on lower(trim(line_sums.sales_channel)) = sales_channels.name
),

final as (
    select
        date_day,
        product_key as product_id,
        place as sales_channel,
        cast(sum(units) as decimal(38, 6)) as units,
        cast(sum(returned_units) as decimal(38, 6)) as returned_units,
        cast(sum(sold) as decimal(38, 10)) as sold_amount,
        cast(sum(refund) as decimal(38, 10)) as refund_amount,
        cast(sum(revenue) as decimal(38, 10)) as revenue,
        cast(sum(margin) as decimal(38, 10)) as margin,
        cast(sum(revenue_with_cost) as decimal(38, 10)) as revenue_with_cost
    from converted
    group by date_day, product_key, place
)

select * from final
