-- One row per resolved person who ordered, stands in the CRM or was recognised on the site. No personal data: the
-- identifiers behind a person stay in the intermediate schema.
with persons as (
    select * from {{ ref('int_persons') }}
),

orders as (
    select * from {{ ref('fct_orders') }}
),

contacts as (
    select * from {{ ref('fct_contacts') }}
),

sessions as (
    select * from {{ ref('fct_sessions') }}
    where person_id in (select persons.person_id from persons)
),

identifiers as (
    select
        person_id,
        count(case when identifier like 'email:%' then 1 end) as emails,
        count(case when identifier like 'customer:%' then 1 end) as shop_accounts,
        count(case when identifier like 'phone:%' then 1 end) as phones,
        count(case when identifier like 'visitor:%' then 1 end) as visitors
    from persons
    group by person_id
),

order_sums as (
    select
        person_id,
        count(case when not is_credit_note then 1 end) as orders,
        cast(sum(net_amount) as decimal(38, 10)) as net_revenue,
        max(date_day) as last_order_day
    from orders
    group by person_id
),

first_orders as (
    select person_id, ordered_at, date_day, source, channel from orders where is_first_order
),

contact_sums as (
    select person_id, count(*) as contacts, min(created_at) as first_contact_at from contacts group by person_id
),

session_sums as (
    select person_id, count(*) as sessions, min(started_at) as first_session_at from sessions group by person_id
),

final as (
    select
        identifiers.person_id,
        first_orders.person_id is not null as is_customer,
        first_orders.ordered_at as first_order_at,
        first_orders.date_day as first_order_day,
        first_orders.source as first_order_source,
        first_orders.channel as first_channel,
        order_sums.last_order_day,
        coalesce(order_sums.orders, 0) as orders,
        coalesce(order_sums.net_revenue, 0) as net_revenue,
        coalesce(contact_sums.contacts, 0) as contacts,
        contact_sums.first_contact_at,
        coalesce(session_sums.sessions, 0) as sessions,
        session_sums.first_session_at,
        identifiers.emails,
        identifiers.shop_accounts,
        identifiers.phones,
        identifiers.visitors
    from identifiers
    left join order_sums on identifiers.person_id = order_sums.person_id
    left join first_orders on identifiers.person_id = first_orders.person_id
    left join contact_sums on identifiers.person_id = contact_sums.person_id
    left join session_sums on identifiers.person_id = session_sums.person_id
    where coalesce(order_sums.person_id, contact_sums.person_id, session_sums.person_id) is not null
)

select * from final
