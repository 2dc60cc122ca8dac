-- One row per resolved person who ordered, stands in the CRM or was recognised on the site. No personal data: the
-- identifiers behind a person stay in the intermediate schema.
with persons as (
    select * from {{ ref('int_persons') }}
),

person_orders as (
    select * from {{ ref('int_person_orders') }}
),

contacts as (
    select * from {{ ref('fct_contacts') }}
),

visits as (
    select * from {{ ref('fct_visits') }}
),

predictions as (
    select * from {{ ref('int_customer_predictions') }}
),

identifiers as (
    select
        person_id,
        {{ narrow_id('person_id') }} as person_key,
        count(case when identifier like 'email:%' then 1 end) as emails,
        count(case when identifier like 'customer:%' then 1 end) as shop_accounts,
        count(case when identifier like 'phone:%' then 1 end) as phones,
        count(case when identifier like 'visitor:%' then 1 end) as visitors
    from persons
    group by person_id
),

contact_sums as (
    select person_id, count(*) as contacts, min(created_at) as first_contact_at from contacts group by person_id
),

-- Most visitors are nobody known: their visits stay out before any are counted.
session_sums as (
    select person_key, count(*) as sessions, min(started_at) as first_session_at
    from visits
    where is_identified
    group by person_key
),

final as (
    select
        identifiers.person_id,
        person_orders.first_order_at is not null as is_customer,
        person_orders.first_order_at,
        person_orders.first_order_day,
        person_orders.first_order_source,
        person_orders.first_channel,
        person_orders.last_order_day,
        coalesce(person_orders.orders, 0) as orders,
        coalesce(person_orders.net_revenue, 0) as net_revenue,
        coalesce(contact_sums.contacts, 0) as contacts,
        contact_sums.first_contact_at,
        coalesce(session_sums.sessions, 0) as sessions,
        session_sums.first_session_at,
        identifiers.emails,
        identifiers.shop_accounts,
        identifiers.phones,
        identifiers.visitors,
        predictions.segment,
        predictions.p_alive,
        predictions.expected_purchases,
        predictions.predicted_ltv
    from identifiers
    left join person_orders on identifiers.person_id = person_orders.person_id
    left join contact_sums on identifiers.person_id = contact_sums.person_id
    left join session_sums on identifiers.person_key = session_sums.person_key
    left join predictions on identifiers.person_id = predictions.person_id
    where coalesce(person_orders.orders, contact_sums.contacts, session_sums.sessions) is not null
)

select * from final
