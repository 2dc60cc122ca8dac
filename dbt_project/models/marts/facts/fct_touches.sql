-- All touches as one reads them: the tracker's visits of persons, and the others. Tables are named without their
-- schema, so that the view works under whatever name the file is attached; dbt's contract can't bind such names.
{{ config(materialized='view', contract={'enforced': false}) }}

with visits as (
    select * from {{ ref('fct_visits').include(database=false, schema=false) }}
    where person_key is not null
),

origins as (
    select * from {{ ref('dim_visit_origin').include(database=false, schema=false) }}
),

other_touches as (
    select * from {{ ref('fct_other_touches').include(database=false, schema=false) }}
),

unioned as (
    select
        'session' as touch_type, origins.source, visits.session_id as event_id, visits.date_day,
        visits.started_at as occurred_at, visits.person_key, origins.channel, origins.utm_campaign
    from visits
    inner join origins on visits.origin_id = origins.origin_id
    where origins.source = 'files'
    union all
    select touch_type, source, event_id, date_day, occurred_at, person_key, channel, utm_campaign
    from other_touches
),

final as (
    select
        {{ touch_id('touch_type', 'source', 'event_id') }} as touch_id,
        touch_type,
        source,
        date_day,
        occurred_at,
        {{ wide_id('person_key') }} as person_id,
        channel,
        utm_campaign,
        channel = 'Direct' as is_direct
    from unioned
)

select * from final
