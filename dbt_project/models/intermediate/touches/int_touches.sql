-- The marketing touches of persons. Another kind of touch (an email click, an event) is another branch here.
with sessions as (
    select * from {{ ref('int_sessions') }}
),

file_contacts as (
    select * from {{ ref('stg_files__contacts') }}
),

persons as (
    select * from {{ ref('int_persons') }}
),

categories as (
    select * from {{ ref('source_categories') }}
),

-- A contact's own source, where its file tells one, is the touch of the form that it came by.
forms as (
    select
        contacts.contact_id,
        {{ contact_identifier("'files'", 'contacts.contact_id') }} as person_identifier,
        contacts.created_at,
        {{ channel_group(
            'contacts.utm_source', 'contacts.utm_medium', 'contacts.utm_campaign', 'categories.category'
        ) }} as channel,
        contacts.utm_campaign
    from file_contacts as contacts
    left join categories on lower(contacts.utm_source) = categories.source
    where
        (contacts.utm_source <> '' or contacts.utm_medium <> '')
        and {{ reporting_day('contacts.created_at') }} <= {{ mart_date() }}
),

unioned as (
    select
        'session' as touch_type, source, session_id as touch_id, person_identifier, started_at as occurred_at,
        channel, utm_campaign
    from sessions
    union all
    select
        'lead_form' as touch_type, 'files' as source, contact_id as touch_id, person_identifier,
        created_at as occurred_at, channel, utm_campaign
    from forms
),

final as (
    select
        unioned.touch_type,
        unioned.source,
        unioned.touch_id,
        persons.person_id,
        unioned.occurred_at,
        unioned.channel,
        unioned.utm_campaign,
        unioned.channel = 'Direct' as is_direct
    from unioned
    inner join persons on unioned.person_identifier = persons.identifier
)

select * from final
