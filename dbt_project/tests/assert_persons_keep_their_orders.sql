-- Catches an order, a contact or a visit that is lost or doubled where persons are made one or split: what persons have
-- together must be what there is.
with customers as (
    select
        sum(orders) as orders, sum(net_revenue) as net_revenue, sum(contacts) as contacts, sum(sessions) as sessions
    from {{ ref('dim_customer') }}
),

orders as (
    select count(case when not is_credit_note then 1 end) as orders, sum(net_amount) as net_revenue
    from {{ ref('fct_orders') }}
),

contacts as (
    select count(*) as contacts from {{ ref('fct_contacts') }}
),

known as (
    select {{ narrow_id('person_id') }} as person_key from {{ ref('int_persons') }}
),

sessions as (
    select count(*) as sessions from {{ ref('fct_visits') }}
    where person_key in (select known.person_key from known)
)

select
    customers.orders, orders.orders as all_orders, customers.net_revenue, orders.net_revenue as all_net_revenue,
    customers.contacts, contacts.contacts as all_contacts, customers.sessions, sessions.sessions as all_sessions
from customers
cross join orders
cross join contacts
cross join sessions
where
    coalesce(customers.orders, 0) <> orders.orders
    or coalesce(customers.net_revenue, 0) <> coalesce(orders.net_revenue, 0)
    or coalesce(customers.contacts, 0) <> contacts.contacts
    or coalesce(customers.sessions, 0) <> sessions.sessions
