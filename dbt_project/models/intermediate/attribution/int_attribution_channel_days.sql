-- The models that are a property of all paths, by channel. Conversions without a touch are no model's: they stay.
{{ config(materialized='view') }}

-- The types are those of the models' days: a union of 19 and 10 decimals would have 10.
with untouched as (
    select
        date_day, conversion_type, channel,
        cast(conversions as decimal(38, 9)) as conversions, cast(revenue as decimal(38, 19)) as revenue
    from {{ ref('fct_attribution') }}
    where touches = 0
),

credited as (
    {%- for model in ('markov', 'shapley') %}
        select '{{ model }}' as model, date_day, conversion_type, channel, conversions, revenue
        from {{ ref('int_' ~ model ~ '_days') }}
        union all
        select '{{ model }}' as model, date_day, conversion_type, channel, conversions, revenue
        from untouched
        {{- ' union all' if not loop.last }}
    {%- endfor %}
),

-- A won deal without an amount brought nothing, a lead has no revenue to tell.
told as (
    select
        model, date_day, conversion_type, channel, conversions,
        case when conversion_type <> 'lead' then coalesce(revenue, 0) end as revenue
    from credited
),

final as (
    select
        date_day,
        conversion_type,
        channel,
    {%- for model in ('markov', 'shapley') %}
        cast(sum(case when model = '{{ model }}' then conversions end) as decimal(38, 9)) as conversions_{{ model }},
        cast(sum(case when model = '{{ model }}' then revenue end) as decimal(38, 19))
            as revenue_{{ model }}{{ ',' if not loop.last }}
    {%- endfor %}
    from told
    group by date_day, conversion_type, channel
)

select * from final
