-- Pairs of identifiers that one record of a shop or a CRM carries together: who shares one is one person. An
-- identifier that stands alone is linked to itself.
with records as (
    select * from {{ ref('int_record_identifiers') }}
),

shared as (
    select * from {{ ref('int_shared_identifiers') }}
),

orders as (
    select * from {{ ref('int_orders') }}
),

survivors as (
    select * from {{ ref('int_contact_survivors') }}
),

telling as (
    select
        records.owner_identifier,
        case when shared_emails.identifier is null then records.email_identifier end as email_identifier,
        case when shared_phones.identifier is null then records.phone_identifier end as phone_identifier
    from records
    left join shared as shared_emails on records.email_identifier = shared_emails.identifier
    left join shared as shared_phones on records.phone_identifier = shared_phones.identifier
),

final as (
    select coalesce(owner_identifier, email_identifier) as identifier, email_identifier as linked_identifier
    from telling
    where email_identifier is not null
    union all
    select
        coalesce(owner_identifier, email_identifier, phone_identifier) as identifier,
        phone_identifier as linked_identifier
    from telling
    where phone_identifier is not null
    union all
    select owner_identifier as identifier, owner_identifier as linked_identifier
    from telling
    where owner_identifier is not null and email_identifier is null and phone_identifier is null
    union all
    select person_identifier as identifier, person_identifier as linked_identifier
    from orders
    where person_identifier like 'order:%'
    union all
    select
        {{ contact_identifier("'hubspot'", 'contact_id') }} as identifier,
        {{ contact_identifier("'hubspot'", 'survivor_id') }} as linked_identifier
    from survivors
)

select * from final
