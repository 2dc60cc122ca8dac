-- Contacts that live: a merged one is its survivor, a deleted one is gone.
with hubspot_contacts as (
    select * from {{ ref('stg_hubspot__contacts') }}
),

survivors as (
    select * from {{ ref('int_contact_survivors') }}
),

file_contacts as (
    select * from {{ ref('stg_files__contacts') }}
),

unioned as (
    select
        'hubspot' as source, contacts.contact_id, contacts.created_at, contacts.email_hash, contacts.phone_hash,
        contacts.lifecycle_stage, contacts.lead_at, contacts.mql_at, contacts.sql_at
    from hubspot_contacts as contacts
    left join survivors on contacts.contact_id = survivors.contact_id
    where survivors.contact_id is null and not contacts.is_archived
    union all
    select
        'files' as source, contact_id, created_at, email_hash, phone_hash, lifecycle_stage, lead_at, mql_at, sql_at
    from file_contacts
),

final as (
    select
        source,
        contact_id,
        {{ contact_identifier('source', 'contact_id') }} as person_identifier,
        created_at,
        {{ reporting_day('created_at') }} as date_day,
        email_hash,
        phone_hash,
        lifecycle_stage,
        lead_at,
        {{ reporting_day('lead_at') }} as lead_day,
        mql_at,
        {{ reporting_day('mql_at') }} as mql_day,
        sql_at,
        {{ reporting_day('sql_at') }} as sql_day
    from unioned
    where {{ reporting_day('created_at') }} <= {{ mart_date() }}
)

select * from final
