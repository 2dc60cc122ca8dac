-- The marketing touches of persons. Another kind of touch (an email click, an event) is another branch here.
with sessions as (
    select * from {{ ref('int_sessions') }}
),

session_persons as (
    select * from {{ ref('int_session_persons') }}
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
        'session' as touch_type, sessions.source, sessions.session_id as touch_id, session_persons.person_id,
        sessions.started_at as occurred_at, sessions.channel, sessions.utm_campaign
    from sessions
    inner join session_persons
        on sessions.source = session_persons.source and sessions.session_id = session_persons.session_id
    union all
    select
        'lead_form' as touch_type, 'files' as source, forms.contact_id as touch_id, persons.person_id,
        forms.created_at as occurred_at, forms.channel, forms.utm_campaign
    from forms
    inner join persons on forms.person_identifier = persons.identifier
),

final as (
    select
        touch_type, source, touch_id, person_id, occurred_at, channel, utm_campaign,
        channel = 'Direct' as is_direct
    from unioned
)

select * from final
