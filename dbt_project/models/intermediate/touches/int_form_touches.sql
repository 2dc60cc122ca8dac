-- A contact's own source, where its file tells one, is the touch of the form that it came by.
{{ config(materialized='view') }}

with contacts as (
    select * from {{ ref('stg_files__contacts') }}
    where utm_source <> '' or utm_medium <> ''
),

persons as (
    select * from {{ ref('int_persons') }}
),

categories as (
    select * from {{ ref('source_categories') }}
),

final as (
    select
        'files' as source,
        contacts.contact_id as event_id,
        {{ reporting_day('contacts.created_at') }} as date_day,
        contacts.created_at as occurred_at,
        persons.person_id,
        {{ channel_group(
            'contacts.utm_source', 'contacts.utm_medium', 'contacts.utm_campaign', 'categories.category'
        ) }} as channel,
        contacts.utm_campaign
    from contacts
    inner join persons on {{ contact_identifier("'files'", 'contacts.contact_id') }} = persons.identifier
    left join categories on lower(contacts.utm_source) = categories.source
)

select * from final
