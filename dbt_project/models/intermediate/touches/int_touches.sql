-- The marketing touches of persons up to the mart's day. A view, since fct_touches holds the same rows.
{{ config(materialized='view') }}

with sessions as (
    select * from {{ ref('fct_sessions') }}
),

session_persons as (
    select * from {{ ref('int_session_persons') }}
),

-- A visit that carries identifiers of two persons is a touch of both, and needs an id for each.
session_touches as (
    select
        sessions.source,
        sessions.session_id || case
            when sessions.person_id = session_persons.person_id then '' else ':' || session_persons.person_id
        end as event_id,
        sessions.date_day, sessions.started_at as occurred_at, session_persons.person_id, sessions.channel,
        sessions.utm_campaign
    from sessions
    inner join session_persons
        on sessions.source = session_persons.source and sessions.session_id = session_persons.session_id
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
