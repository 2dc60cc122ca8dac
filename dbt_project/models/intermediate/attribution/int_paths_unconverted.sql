-- The paths of persons who did not convert, which the chain ends in (null): their touches inside the window before the
-- end of the mart. Who ever converted so, in the full history, is not among them.
{{ config(materialized='view') }}

with touches as (
    select *, {{ touch_id('touch_type', 'source', 'event_id') }} as touch_id
    from {{ ref('int_touches') }}
    where date_day > {{ days_after(mart_date(), -(var('attribution_windows').values() | max)) }}
),

converted as (
    select distinct conversion_type, {{ narrow_id('person_id') }} as person_key from {{ ref('int_conversions') }}
),

windows as (
    {%- for type in ('first_order', 'repeat_order', 'lead', 'won_deal') %}
    select '{{ type }}' as conversion_type, {{ days_after(mart_date(), -window_days(type)) }} as before_first_day
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

stepped as (
    select
        person_key, channel, date_day,
        lag(channel) over (partition by person_key order by occurred_at, touch_id) as previous_channel,
        lag(date_day) over (partition by person_key order by occurred_at, touch_id) as previous_day,
        lead(channel) over (partition by person_key order by occurred_at, touch_id) is null as is_last
    from touches
),

final as (
    select
        windows.conversion_type,
        stepped.channel,
        case when stepped.previous_day > windows.before_first_day then stepped.previous_channel end
            as previous_channel,
        stepped.is_last
    from stepped
    inner join windows on stepped.date_day > windows.before_first_day
    left join converted
        on windows.conversion_type = converted.conversion_type and stepped.person_key = converted.person_key
    where converted.person_key is null
)

select * from final
