-- Clicks in mails, of persons whom something else knows too; those of scanners are no touches.
{{ config(materialized='view') }}

with clicks as (
    select *, coalesce(nullif(utm_campaign, ''), campaign_name, '') as campaign
    from {{ ref('stg_hubspot__email_events') }}
    where event_type = 'click' and is_counted
),

persons as (
    select * from {{ ref('int_persons') }}
),

final as (
    select
        'hubspot' as source,
        clicks.event_id,
        {{ reporting_day('clicks.occurred_at') }} as date_day,
        clicks.occurred_at,
        persons.person_id,
        {{ channel_group("'hubspot'", "'email'", 'clicks.campaign', "cast(null as varchar)") }} as channel,
        clicks.campaign as utm_campaign
    from clicks
    inner join persons on 'email:' || clicks.email_hash = persons.identifier
)

select * from final
