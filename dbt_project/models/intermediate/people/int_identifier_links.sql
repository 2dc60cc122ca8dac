-- Pairs of identifiers that one record of a shop or a CRM carries together: who shares one is one person. An
-- identifier that stands alone is linked to itself, as those of visits are.
with orders as (
    select * from {{ ref('int_orders') }}
),

customers as (
    select * from {{ ref('stg_shopify__customers') }}
),

contacts as (
    select * from {{ ref('int_contacts') }}
),

survivors as (
    select * from {{ ref('int_contact_survivors') }}
),

tracker_visits as (
    select * from {{ ref('stg_files__sessions') }}
),

links as (
    select person_identifier as identifier, 'email:' || email_hash as linked_identifier from orders
    union all
    select 'customer:' || customer_id as identifier, 'email:' || email_hash as linked_identifier from customers
    union all
    select person_identifier as identifier, 'email:' || email_hash as linked_identifier from contacts
    union all
    select
        {{ contact_identifier("'hubspot'", 'contact_id') }} as identifier,
        {{ contact_identifier("'hubspot'", 'survivor_id') }} as linked_identifier
    from survivors
    union all
    select 'customer:' || customer_id as identifier, null as linked_identifier from tracker_visits
    union all
    select 'email:' || email_hash as identifier, null as linked_identifier from tracker_visits
),

final as (
    select distinct identifier, coalesce(linked_identifier, identifier) as linked_identifier
    from links
    where identifier is not null
)

select * from final
