{{ config(materialized='view') }}

-- Marketing touches of persons that are no visits of the tracker, up to the mart's day.
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
    union all
    select 'session' as touch_type, source, event_id, date_day, occurred_at, person_key, channel, utm_campaign
    from {{ ref('int_shop_touches') }}
)

select * from final
