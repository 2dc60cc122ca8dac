-- fct_attribution with one row per model. Tables are named without their schema, so that the view works under whatever
-- name the file is attached; dbt's contract can't bind such names, so the types are cast here.
{{ config(materialized='view', contract={'enforced': false}) }}

-- Materialized, it would be kept whole for every question: sums by model took twice the time.
with attribution as not materialized (
    select * from {{ ref('fct_attribution').include(database=false, schema=false) }}
),

unpivoted as (
    {%- for model in path_models() %}
        select
            conversion_type, source, conversion_id, touch_id, person_id, date_day, converted_at, touched_at, channel,
            utm_campaign, '{{ model }}' as model, credit_{{ model }} as credit, conversions, revenue
        from attribution
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
),

final as (
    select
        conversion_type,
        source,
        conversion_id,
        touch_id,
        person_id,
        date_day,
        converted_at,
        touched_at,
        channel,
        utm_campaign,
        model,
        credit,
        cast(conversions * credit as decimal(38, 9)) as credited_conversions,
        {{ credited_amount('revenue', 'credit') }} as credited_revenue
    from unpivoted
)

select * from final
