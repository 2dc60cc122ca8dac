-- Events that a file tells of (a fair, a call, a letter), of persons whom something else knows too. One that carries an
-- id and an email is a touch of the id's person, or where nobody knows the id of the email's.
{{ config(materialized='view') }}

with events as (
    select * from {{ ref('stg_files__events') }}
),

persons as (
    select * from {{ ref('int_persons') }}
),

final as (
    select
        'files' as source,
        events.event_id,
        {{ reporting_day('events.occurred_at') }} as date_day,
        events.occurred_at,
        coalesce(by_id.person_id, by_email.person_id) as person_id,
        case
            when events.channel <> '' then events.channel
            else {{ channel_group("''", "''", 'events.utm_campaign', "cast(null as varchar)") }}
        end as channel,
        events.utm_campaign
    from events
    left join persons as by_id on {{ person_identifier('events.customer_id', 'null') }} = by_id.identifier
    left join persons as by_email on {{ person_identifier('null', 'events.email_hash') }} = by_email.identifier
    where coalesce(by_id.person_id, by_email.person_id) is not null
)

select * from final
