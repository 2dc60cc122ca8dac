with contacts as (
    select * from {{ ref('int_contacts') }}
),

persons as (
    select * from {{ ref('int_persons') }}
),

touches as (
    select * from {{ ref('int_attributed_touches') }}
),

final as (
    select
        contacts.source,
        contacts.contact_id,
        contacts.date_day,
        contacts.created_at,
        persons.person_id,
        contacts.lifecycle_stage,
        contacts.lead_at,
        contacts.lead_day,
        contacts.mql_at,
        contacts.mql_day,
        contacts.sql_at,
        contacts.sql_day,
        coalesce(contacts.lead_at < contacts.created_at, false) as is_lead_before_created,
        touches.channel,
        touches.utm_campaign
    from contacts
    inner join persons on contacts.person_identifier = persons.identifier
    inner join touches
        on touches.conversion_type = 'contact'
        and contacts.source = touches.source
        and contacts.contact_id = touches.conversion_id
)

select * from final
