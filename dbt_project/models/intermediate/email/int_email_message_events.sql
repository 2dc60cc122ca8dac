-- Which message a counted event belongs to. Events whose message was sent before the first day that landed have none.
with events as (
    select * from {{ ref('stg_hubspot__email_events') }}
    where is_counted and {{ reporting_day('occurred_at') }} <= {{ mart_date() }}
),

messages as (
    select event_id as message_id, campaign_id, email_hash, occurred_at as sent_at
    from events
    where event_type = 'sent'
),

told as (
    select messages.message_id, events.event_id, events.event_type, events.occurred_at
    from events
    inner join messages on events.sent_event_id = messages.message_id
),

-- "Email analytics API v1": a change of status has no sentBy. It came by the person's latest message of that email.
latest_first as (
    select
        messages.message_id, events.event_id, events.event_type, events.occurred_at,
        row_number() over (
            partition by events.event_id order by messages.sent_at desc, messages.message_id desc
        ) as recency
    from events
    inner join messages
        on events.campaign_id = messages.campaign_id
        and events.email_hash = messages.email_hash
        and events.occurred_at >= messages.sent_at
    where events.sent_event_id is null
),

final as (
    select message_id, event_id, event_type, occurred_at
    from told
    union all
    select message_id, event_id, event_type, occurred_at
    from latest_first
    where recency = 1
)

select * from final
