-- What the models credit beside the spend that it is held against. A view: each day's spend stands beside four types
-- and six models, and as a table that was four times the rows of the ads. Tables are named without their schema, so
-- that it works under whatever name the file is attached; dbt's contract can't bind such names: types are cast here.
{{ config(materialized='view', contract={'enforced': false}) }}
{%- set place = 'date_day, channel, source, platform, account_id, campaign_id' %}

-- Materialized, these would be read with all their columns: a count took 2.6 s of a processor, so it takes 0.9.
with attribution_days as not materialized (
    select * from {{ ref('fct_attribution_days').include(database=false, schema=false) }}
),

spent as not materialized (
    select {{ place }}, campaign_name, spend
    from {{ ref('kpi_campaign_daily').include(database=false, schema=false) }}
    where spend <> 0
    union all
    select date_day, channel, '(all)', '(all)', '(all)', '(all)', '(all)', spend
    from {{ ref('kpi_channel_daily').include(database=false, schema=false) }}
    where spend <> 0
),

conversion_types as (
    {%- for type in known_conversion_types() %}
        select '{{ type }}' as conversion_type{{ ' union all' if not loop.last }}
    {%- else %}
    select '' as conversion_type where false
    {%- endfor %}
),

models as (
    {%- for model in path_models() + ['markov', 'shapley'] %}
        select '{{ model }}' as model, {{ model not in path_models() }} as is_by_channel{{ ' union all' if not loop.last }}
    {%- endfor %}
),

credited as (
    {%- for model in path_models() + ['markov', 'shapley'] %}
        select
            {{ place }}, conversion_type, campaign_name, '{{ model }}' as model,
            conversions_{{ model }} as conversions, revenue_{{ model }} as revenue
        from attribution_days
        where source {{ '<>' if model in path_models() else '=' }} '(all)'{{ ' union all' if not loop.last }}
    {%- endfor %}
),

uncredited as (
    select {{ place }}, conversion_type, spent.campaign_name, spent.spend
    from spent cross join conversion_types
    left join attribution_days using ({{ place }}, conversion_type)
    where attribution_days.campaign_name is null
),

-- No full join, so that a condition on days, channels or types reaches the tables.
unioned as (
    select
        {{ place }}, conversion_type, credited.campaign_name, model, coalesce(conversions, 0) as conversions,
        case when conversion_type <> 'lead' and spend <> 0 then coalesce(revenue, 0) else revenue end as revenue,
        coalesce(spend, 0) as spend
    from credited
    left join spent using ({{ place }})
    union all
    select
        {{ place }}, conversion_type, campaign_name, model, 0 as conversions,
        case when conversion_type <> 'lead' then 0 end as revenue, spend
    from uncredited
    inner join models on (uncredited.source = '(all)') = models.is_by_channel
),

final as (
    select
        date_day, conversion_type, channel, source, platform, account_id, campaign_id, campaign_name, model,
        cast(conversions as decimal(38, 9)) as conversions, cast(revenue as decimal(38, 19)) as revenue,
        cast({{ 'spend' if is_known('spend') else 'null' }} as decimal(38, 10)) as spend,
        {{ ratio('spend', 'conversions') if is_known('spend') else 'cast(null as double)' }} as cac,
        {{ ratio('revenue', 'spend') if is_known('spend') else 'cast(null as double)' }} as roas
    from unioned
    where conversions <> 0 or revenue <> 0 or spend <> 0
)

select * from final
