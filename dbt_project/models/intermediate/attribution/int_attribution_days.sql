-- What each path model credits, by day, channel and the utm_campaign of the touch.
with attribution as (
    select * from {{ ref('fct_attribution') }}
),

final as (
    select
        date_day,
        conversion_type,
        channel,
        utm_campaign,
    {%- for model in path_models() %}
        cast(sum(conversions * credit_{{ model }}) as decimal(38, 9)) as conversions_{{ model }},
        cast(sum({{ credited_amount('revenue', 'credit_' ~ model) }}) as decimal(38, 19))
            as revenue_{{ model }}{{ ',' if not loop.last }}
    {%- endfor %}
    from attribution
    group by date_day, conversion_type, channel, utm_campaign
)

select * from final
