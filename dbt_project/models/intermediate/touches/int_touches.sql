-- The marketing touches of persons up to the mart's day. A view, since fct_touches holds the same rows.
{{ config(materialized='view') }}

with sessions as (
    select * from {{ ref('fct_sessions') }}
),

session_touches as (
    select source, session_id as event_id, date_day, started_at as occurred_at, person_id, channel, utm_campaign
    from sessions
    where person_id is not null
),

unioned as (
    select 'session' as touch_type, * from session_touches
    union all
    select 'email_click' as touch_type, * from {{ ref('int_email_touches') }}
    union all
    select 'lead_form' as touch_type, * from {{ ref('int_form_touches') }}
    union all
    select 'event' as touch_type, * from {{ ref('int_event_touches') }}
),

final as (
    select
        touch_type || ':' || source || ':' || event_id as touch_id,
        touch_type,
        source,
        date_day,
        occurred_at,
        person_id,
        channel,
        utm_campaign,
        channel = 'Direct' as is_direct
    from unioned
    where date_day <= {{ mart_date() }}
)

select * from final
