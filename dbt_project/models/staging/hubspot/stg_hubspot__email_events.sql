-- Pages followed: "Email analytics API v1" and "Get email events" at developers.hubspot.com/docs/api-reference/legacy.
with source as (
    select * from {{ source('landed', 'hubspot__email_events') }}
),

emails as (
    select * from {{ ref('stg_hubspot__emails') }}
),

final as (
    select
        source.event_id,
        source.date_day,
        source.occurred_at,
        case
            -- an unsubscription is a change of status: "The recipient changed their email subscriptions"
            when source.event_type = 'STATUSCHANGE' and upper(source.subscription_status) = 'UNSUBSCRIBED'
                then 'unsubscribe'
            when source.event_type = 'SPAMREPORT' then 'complaint'
            else lower(source.event_type)
        end as event_type,
        nullif(source.email_hash, '') as email_hash,
        source.campaign_id,
        coalesce(emails.campaign_name, source.campaign_id) as campaign_name,
        coalesce(source.utm_campaign, '') as utm_campaign,
        source.sent_event_id,
        source.sent_at,
        -- "filtered out of customer reporting" are the opens and clicks of scanners and of a team's own addresses
        coalesce(source.is_filtered, false) as is_filtered,
        -- "the follow-on event which makes this current event obsolete": a bounce before a later delivery
        coalesce(source.is_obsolete, false) as is_obsolete,
        not coalesce(source.is_filtered, false) and not coalesce(source.is_obsolete, false) as is_counted
    from source
    left join emails on source.campaign_id = emails.campaign_id
)

select * from final
