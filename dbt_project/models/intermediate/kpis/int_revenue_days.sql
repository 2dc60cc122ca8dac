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
        net_revenue - cast(net_revenue as decimal(38, 10)) as net_revenue_cut,
        margin - cast(margin as decimal(38, 10)) as margin_cut
    from credited
),

final as (
    select
        date_day,
        channel,
        utm_campaign,
        {%- for amount in ('net_revenue', 'margin') %}
        {{ measure_value(amount ~ ' + case when is_last then sum(' ~ amount ~ '_cut) over (partition by date_day) else 0 end') }}
            as {{ amount }}{{ ',' if not loop.last }}
        {%- endfor %}
    from rounded
)

select * from final
