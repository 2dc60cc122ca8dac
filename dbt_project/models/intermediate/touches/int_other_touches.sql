{{ config(materialized='view') }}

-- Marketing touches of persons that are no visits, up to the mart's day.
with unioned as (
    select 'email_click' as touch_type, * from {{ ref('int_email_touches') }}
    union all
    select 'lead_form' as touch_type, * from {{ ref('int_form_touches') }}
    union all
    select 'event' as touch_type, * from {{ ref('int_event_touches') }}
),

final as (
    select
        touch_type, source, event_id, date_day, occurred_at,
        {{ narrow_id('person_id') }} as person_key,
        channel, utm_campaign
    from unioned
    where date_day <= {{ mart_date() }}
)

select * from final
