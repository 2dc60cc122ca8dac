-- The models that are a property of all paths, by channel, beside what the channel cost.
with attribution_days as (
    select * from {{ ref('int_attribution_days') }}
    where channel = '(unattributed)'
),

markov as (
    select * from {{ ref('int_markov_days') }}
),

shapley as (
    select * from {{ ref('int_shapley_days') }}
),

campaign_days as (
    select * from {{ ref('int_attribution_campaign_days') }}
    where spend <> 0
),

-- Conversions without a touch are no model's: they stay as they are.
unattributed as (
    select date_day, conversion_type, channel, conversions_linear as conversions, revenue_linear as revenue
    from attribution_days
),

credited as (
    select 'markov' as model, * from markov
    union all
    select 'markov' as model, * from unattributed
    union all
    select 'shapley' as model, * from shapley
    union all
    select 'shapley' as model, * from unattributed
),

unioned as (
    select
        date_day, conversion_type, channel, model, cast(0 as decimal(38, 10)) as spend, conversions, revenue
    from credited
    {%- for model in ('markov', 'shapley') %}
        union all
        select
            date_day, conversion_type, channel, '{{ model }}' as model, spend, 0 as conversions,
            case when conversion_type <> 'lead' then 0 end as revenue
        from campaign_days
    {%- endfor %}
),

final as (
    select
        date_day,
        conversion_type,
        channel,
        model,
        cast(sum(spend) as decimal(38, 10)) as spend,
        cast(sum(conversions) as decimal(38, 9)) as conversions,
        cast(sum(revenue) as decimal(38, 19)) as revenue
    from unioned
    group by date_day, conversion_type, channel, model
)

select * from final
