with sessions as (
    select * from {{ ref('int_sessions') }}
),

final as (
    select
        source,
        session_id,
        date_day,
        started_at,
        person_id,
        channel,
        utm_source,
        utm_medium,
        utm_campaign,
        utm_content,
        utm_term,
        pageviews,
        is_engaged,
        is_counted
    from sessions
)

select * from final
