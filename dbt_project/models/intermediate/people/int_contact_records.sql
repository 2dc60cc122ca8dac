-- What the records of CRMs say of contacts that live. A record that was merged into another one still tells of an
-- email, a phone, a click of that person: without it, who bought with that email would part from the contact by the
-- merge.
with contacts as (
    select * from {{ ref('int_contacts') }}
),

hubspot_contacts as (
    select * from {{ ref('stg_hubspot__contacts') }}
),

survivors as (
    select * from {{ ref('int_contact_survivors') }}
),

hubspot_records as (
    select hubspot_contacts.*, coalesce(survivors.survivor_id, hubspot_contacts.contact_id) as living_id
    from hubspot_contacts
    left join survivors on hubspot_contacts.contact_id = survivors.contact_id
),

final as (
    select
        {{ contact_identifier("'hubspot'", 'records.contact_id') }} as record_identifier, contacts.person_identifier,
        records.email_hash, records.phone_hash, records.google_click_id, records.facebook_click_id
    from hubspot_records as records
    inner join contacts on contacts.source = 'hubspot' and records.living_id = contacts.contact_id
    union all
    select
        person_identifier as record_identifier, person_identifier, email_hash, phone_hash,
        null as google_click_id, null as facebook_click_id
    from contacts
    where source = 'files'
)

select * from final
