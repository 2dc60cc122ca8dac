with contacts as (
    select * from {{ ref('int_contacts') }}
),

origins as (
    select * from {{ ref('int_attributed_touches') }}
    where conversion_type = 'contact_origin'
),

final as (
    select
        contacts.source,
        contacts.contact_id,
        contacts.date_day,
        contacts.created_at,
        origins.person_id,
        contacts.lifecycle_stage,
        contacts.lead_at,
        contacts.lead_day,
        contacts.mql_at,
        contacts.mql_day,
        contacts.sql_at,
        contacts.sql_day,
        coalesce(contacts.lead_at < contacts.created_at, false) as is_lead_before_created,
        origins.channel,
        origins.utm_campaign
    from contacts
    inner join origins on contacts.source = origins.source and contacts.contact_id = origins.conversion_id
)

select * from final
