-- Events that a file tells of (a fair, a call, a letter), of persons whom something else knows too. One that carries an
-- id and an email is a touch of the id's person.
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
        persons.person_id,
        case
            when events.channel <> '' then events.channel
            else {{ channel_group("''", "''", 'events.utm_campaign', "cast(null as varchar)") }}
        end as channel,
        events.utm_campaign
    from events
    inner join persons on {{ person_identifier('events.customer_id', 'events.email_hash') }} = persons.identifier
)

select * from final
