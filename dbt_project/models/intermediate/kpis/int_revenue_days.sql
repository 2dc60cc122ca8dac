-- Revenue and margin as the default model of attribution credits them, to 10 decimals. Fractions of a credit have more:
-- a day's last row takes the rest, so that its rows add up to the day's orders.
with attribution as (
    select * from {{ ref('fct_attribution') }}
    where conversion_type in ('first_order', 'repeat_order') and credit_{{ var('default_model') }} > 0
),

credited as (
    select
        date_day, channel, utm_campaign,
        sum({{ credited_amount('revenue', 'credit_' ~ var('default_model')) }}) as net_revenue,
        sum({{ credited_amount('coalesce(margin, revenue)', 'credit_' ~ var('default_model')) }}) as margin
    from attribution
    group by date_day, channel, utm_campaign
),

rounded as (
    select
        date_day, channel, utm_campaign,
        row_number() over (partition by date_day order by channel desc, utm_campaign desc) = 1 as is_last,
        cast(net_revenue as decimal(38, 10)) as net_revenue,
        cast(margin as decimal(38, 10)) as margin,
        sum(net_revenue - cast(net_revenue as decimal(38, 10))) over (partition by date_day)
            as net_revenue_cut_of_day,
        sum(margin - cast(margin as decimal(38, 10))) over (partition by date_day) as margin_cut_of_day
    from credited
),

final as (
    select
        date_day,
        channel,
        utm_campaign,
        {{ measure_value('net_revenue + case when is_last then net_revenue_cut_of_day else 0 end') }} as net_revenue,
        {{ measure_value('margin + case when is_last then margin_cut_of_day else 0 end') }} as margin
    from rounded
)

select * from final
