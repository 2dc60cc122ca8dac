-- Page followed: "How HubSpot email open tracking works" (knowledge.hubspot.com/email-tracking).
with events as (
    select * from {{ ref('stg_hubspot__email_events') }}
),

message_events as (
    select * from {{ ref('int_email_message_events') }}
),

outcomes as (
    select
        message_id,
        sum(case when event_type = 'delivered' then 1 else 0 end) as deliveries,
        sum(case when event_type = 'open' then 1 else 0 end) as opens,
        sum(case when event_type = 'click' then 1 else 0 end) as clicks,
        sum(case when event_type = 'bounce' then 1 else 0 end) as bounces,
        sum(case when event_type = 'unsubscribe' then 1 else 0 end) as unsubscribes,
        sum(case when event_type = 'complaint' then 1 else 0 end) as complaints
    from message_events
    group by message_id
),

final as (
    select
        outcomes.message_id,
        coalesce(events.campaign_id, '(none)') as campaign_id,
        coalesce(events.campaign_name, '(none)') as campaign_name,
        coalesce(events.email_hash, outcomes.message_id) as recipient,
        events.occurred_at as sent_at,
        {{ reporting_day('events.occurred_at') }} as date_day,
        -- what was opened had come, though its delivery was not told
        outcomes.deliveries + outcomes.opens + outcomes.clicks > 0 as is_delivered,
        -- an open is counted "when the user clicks on a link in the email, even if the images do not load"
        outcomes.opens + outcomes.clicks > 0 as is_opened,
        outcomes.clicks > 0 as is_clicked,
        outcomes.bounces > 0 as is_bounced,
        outcomes.unsubscribes > 0 as is_unsubscribed,
        outcomes.complaints > 0 as is_complained,
        cast(outcomes.opens as bigint) as opens,
        cast(outcomes.clicks as bigint) as clicks
    from outcomes
    inner join events on outcomes.message_id = events.event_id
)

select * from final
