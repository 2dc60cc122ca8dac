-- Visits that count as sessions, counted once for all who ask: by day and origin.
with visits as (
    select * from {{ ref('fct_visits') }}
),

origins as (
    select * from {{ ref('dim_visit_origin') }}
    where is_counted
),

visit_days as (
    select
        date_day, origin_id, count(*) as sessions, count(case when is_engaged then 1 end) as engaged_sessions
    from visits
    group by date_day, origin_id
),

final as (
    select
        visit_days.date_day, origins.source, origins.channel, origins.utm_campaign,
        cast(sum(visit_days.sessions) as bigint) as sessions,
        cast(sum(visit_days.engaged_sessions) as bigint) as engaged_sessions
    from visit_days
    inner join origins on visit_days.origin_id = origins.origin_id
    group by visit_days.date_day, origins.source, origins.channel, origins.utm_campaign
)

select * from final
