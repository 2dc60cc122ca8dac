-- What a sales channel took for its basket of the day, and what the same units would have cost at the average price
-- that the other channels took for each product in the 28 days up to it. Products are never mixed in a price.
with sales as (
    select * from {{ ref('int_product_sales') }}
    where
        units > 0
        and product_id not in ('(none)', '(unallocated)')
        and date_day >= {{ days_after(kpi_start(), -27) }}
),

with_past as (
    select
        *,
        sum(units) over anywhere as units_anywhere,
        sum(sold_amount) over anywhere as sold_anywhere,
        sum(units) over here as units_here,
        sum(sold_amount) over here as sold_here
    from sales
    window
        anywhere as (
            partition by product_id order by date_day
            range between interval 27 days preceding and current row
        ),
        here as (
            partition by product_id, sales_channel order by date_day
            range between interval 27 days preceding and current row
        )
),

-- Each product's amount is rounded to 10 decimals before they are added up, so that their order does not matter.
compared as (
    select
        date_day, sales_channel, sold_amount,
        cast(
            units * {{ ratio('sold_anywhere - sold_here', 'units_anywhere - units_here') }} as decimal(38, 10)
        ) as sold_elsewhere
    from with_past
    where date_day >= {{ kpi_start() }} and units_anywhere > units_here
),

final as (
    select
        date_day,
        sales_channel,
        cast(sum(sold_amount) as decimal(38, 10)) as compared_amount,
        cast(sum(sold_elsewhere) as decimal(38, 10)) as compared_amount_elsewhere
    from compared
    group by date_day, sales_channel
)

select * from final
