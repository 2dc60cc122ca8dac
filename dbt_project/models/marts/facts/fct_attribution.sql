-- Every conversion of the KPI days with its touches; one row without a touch where it had none.
with conversions as (
    select * from {{ ref('int_conversions') }}
    where is_attributed and conversion_type <> 'contact_origin'
),

touches as (
    select * from {{ ref('int_touches_credited') }}
),

final as (
    select
        conversions.conversion_type,
        conversions.source,
        conversions.conversion_id,
        touches.touch_id,
        conversions.person_id,
        conversions.date_day,
        conversions.converted_at,
        touches.touched_at,
        coalesce(touches.channel, '(unattributed)') as channel,
        coalesce(touches.utm_campaign, '') as utm_campaign,
        coalesce(touches.touch_number, 0) as touch_number,
        coalesce(touches.touches, 0) as touches,
        {%- for model in path_models() %}
            coalesce(touches.credit_{{ model }}, cast(1 as decimal(10, 9))) as credit_{{ model }},
        {%- endfor %}
        conversions.conversions,
        conversions.revenue,
        conversions.margin
    from conversions
    left join touches on conversions.conversion_key = touches.conversion_key
)

select * from final
