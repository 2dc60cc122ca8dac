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
        date_day, channel, utm_campaign, net_revenue, margin,
        row_number() over (partition by date_day order by channel desc, utm_campaign desc) = 1 as is_last,
        {{ measure_value('net_revenue') }} as net_revenue_cut,
        {{ measure_value('margin') }} as margin_cut
    from credited
),

-- The rest is worked out once a day: wide decimals are cut by divisions that took most of this model's time.
rests as (
    select
        date_day,
        {{ measure_value('sum(net_revenue) - sum(net_revenue_cut)') }} as net_revenue,
        {{ measure_value('sum(margin) - sum(margin_cut)') }} as margin
    from rounded
    group by date_day
),

final as (
    select
        rounded.date_day,
        rounded.channel,
        rounded.utm_campaign,
        {{ measure_value('rounded.net_revenue_cut + case when rounded.is_last then rests.net_revenue else 0 end') }}
            as net_revenue,
        {{ measure_value('rounded.margin_cut + case when rounded.is_last then rests.margin else 0 end') }} as margin
    from rounded
    inner join rests on rounded.date_day = rests.date_day
)

select * from final
