{{ config(materialized='view') }}

-- All touches of persons in numbers, for models that look for some of them among all.
with visits as (
    select * from {{ ref('fct_visits') }}
),

origins as (
    select * from {{ ref('dim_visit_origin') }}
),

final as (
    select
        'session' as touch_type, origins.source, visits.session_id as event_id, visits.date_day,
        visits.started_at as occurred_at, visits.person_key, origins.channel, origins.utm_campaign
    from visits
    inner join origins on visits.origin_id = origins.origin_id
    where visits.person_key is not null and origins.source = 'files'
    union all
    select touch_type, source, event_id, date_day, occurred_at, person_key, channel, utm_campaign
    from {{ ref('fct_other_touches') }}
)

select * from final
