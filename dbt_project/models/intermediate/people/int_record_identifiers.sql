-- What the records of shops and CRMs say of a person: who it is by their own number, by email and by phone.
with shopify_orders as (
    select * from {{ ref('stg_shopify__orders') }}
    where not is_test and {{ reporting_day('ordered_at') }} <= {{ mart_date() }}
),

file_orders as (
    select * from {{ ref('stg_files__orders') }}
    where coalesce(status, '') <> 'test' and {{ reporting_day('ordered_at') }} <= {{ mart_date() }}
),

customers as (
    select * from {{ ref('stg_shopify__customers') }}
),

contacts as (
    select * from {{ ref('int_contact_records') }}
),

buyers as (
    select {{ order_identifiers("'shopify'") }} from shopify_orders
    union all
    select {{ order_identifiers("'files'") }} from file_orders
),

records as (
    select customer_identifier as owner_identifier, email_identifier, phone_identifier from buyers
    union all
    select
        'customer:' || customer_id as owner_identifier,
        {{ linkable("'email:' || email_hash", 'email', ["'customer:' || customer_id"]) }} as email_identifier,
        {{ linkable("'phone:' || phone_hash", 'phone', ["'customer:' || customer_id"]) }} as phone_identifier
    from customers
    union all
    select
        person_identifier as owner_identifier,
        {{ linkable("'email:' || email_hash", 'email', ['person_identifier', 'record_identifier']) }}
            as email_identifier,
        {{ linkable("'phone:' || phone_hash", 'phone', ['person_identifier', 'record_identifier']) }}
            as phone_identifier
    from contacts
),

final as (
    select distinct owner_identifier, email_identifier, phone_identifier
    from records
    where coalesce(owner_identifier, email_identifier, phone_identifier) is not null
)

select * from final
