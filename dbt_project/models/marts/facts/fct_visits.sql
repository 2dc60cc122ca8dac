with sessions as (
    select * from {{ ref('int_sessions') }}
),

final as (
    select origin_id, session_id, date_day, started_at, person_key, is_identified, pageviews, is_engaged
    from sessions
)

select * from final
