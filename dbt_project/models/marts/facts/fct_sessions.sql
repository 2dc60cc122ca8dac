with sessions as (
    select * from {{ ref('int_sessions') }}
),

persons as (
    select * from {{ ref('int_persons') }}
),

final as (
    select
        sessions.source,
        sessions.session_id,
        sessions.date_day,
        sessions.started_at,
        persons.person_id,
        sessions.channel,
        sessions.utm_source,
        sessions.utm_medium,
        sessions.utm_campaign,
        sessions.utm_content,
        sessions.utm_term,
        sessions.pageviews,
        sessions.is_engaged,
        sessions.is_counted
    from sessions
    left join persons on sessions.person_identifier = persons.identifier
)

select * from final
