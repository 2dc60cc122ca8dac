{{ config(materialized='view') }}

-- Visits of the shop's customer journey that no tracker saw. Tracker and shop see the same people, each by its own
-- clock: the same person in the same channel within half an hour, which is how long GA4 waits for a session to go on
-- (https://support.google.com/analytics/answer/9191807), is one visit and so one touch, the tracker's.
{%- set half_an_hour = 30 * 60 * 1000000 %}
with visits as not materialized (
    select visits.*, origins.source, origins.channel, origins.utm_campaign
    from {{ ref('fct_visits') }} as visits
    inner join {{ ref('dim_visit_origin') }} as origins on visits.origin_id = origins.origin_id
    where visits.is_identified
),

seen_by_shop as (
    select * from visits where source = 'shopify'
),

seen_by_tracker as (
    select * from visits where source = 'files'
),

-- From half an hour before to half an hour after is in two hours: looked for by the hour, a visit meets a few others
-- and not all that its person ever made.
spans as (
    select
        seen_by_shop.*,
        {{ whole_quotient(epoch_micros('started_at') ~ ' - ' ~ half_an_hour, 2 * half_an_hour) }} + later.hours as hour
    from seen_by_shop
    cross join (values (0), (1)) as later (hours)
),

seen_by_both as (
    select distinct spans.session_id
    from seen_by_tracker
    inner join spans
        on seen_by_tracker.person_key = spans.person_key
        and {{ whole_quotient(epoch_micros('seen_by_tracker.started_at'), 2 * half_an_hour) }} = spans.hour
        and seen_by_tracker.channel = spans.channel
        and abs({{ epoch_micros('seen_by_tracker.started_at') }} - {{ epoch_micros('spans.started_at') }})
        <= {{ half_an_hour }}
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
