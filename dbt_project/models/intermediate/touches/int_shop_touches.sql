{{ config(materialized='view') }}

-- Visits of the shop's customer journey that no tracker saw. Tracker and shop see the same people, each by its own
-- clock: the same person in the same channel within half an hour, which is how long GA4 waits for a session to go on
-- (https://support.google.com/analytics/answer/9191807), is one visit and so one touch, the tracker's.
with visits as not materialized (
    select visits.*, origins.source, origins.channel, origins.utm_campaign
    from {{ ref('fct_visits') }} as visits
    inner join {{ ref('dim_visit_origin') }} as origins on visits.origin_id = origins.origin_id
    where visits.person_key is not null
),

seen_by_shop as (
    select * from visits where source = 'shopify'
),

seen_by_tracker as (
    select * from visits where source = 'files'
),

seen_by_both as (
    select distinct seen_by_shop.session_id
    from seen_by_tracker
    inner join seen_by_shop
        on seen_by_tracker.person_key = seen_by_shop.person_key
        and seen_by_tracker.channel = seen_by_shop.channel
        and abs({{ epoch_micros('seen_by_tracker.started_at') }} - {{ epoch_micros('seen_by_shop.started_at') }})
        <= 30 * 60 * 1000000
),

final as (
    select
        seen_by_shop.source, seen_by_shop.session_id as event_id, seen_by_shop.date_day,
        seen_by_shop.started_at as occurred_at, seen_by_shop.person_key, seen_by_shop.channel,
        seen_by_shop.utm_campaign
    from seen_by_shop
    left join seen_by_both on seen_by_shop.session_id = seen_by_both.session_id
    where seen_by_both.session_id is null
)

select * from final
