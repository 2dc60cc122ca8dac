-- Catches an order, a contact or a visit that is lost or doubled where persons are made one or split: what persons have
-- together must be what there is; and of visits, which are added up by person once, what each has. A visit of somebody
-- whom dim_customer lacks is caught too; nobody's are those of a visitor of whom nothing is known (not in int_persons).
with customers as (
    select sum(orders) as orders, sum(net_revenue) as net_revenue, sum(contacts) as contacts
    from {{ ref('dim_customer') }}
),

orders as (
    select count(case when not is_credit_note then 1 end) as orders, sum(net_amount) as net_revenue
    from {{ ref('fct_orders') }}
),

contacts as (
    select count(*) as contacts from {{ ref('fct_contacts') }}
),

customer_sessions as (
    select {{ narrow_id('person_id') }} as person_key, sessions from {{ ref('dim_customer') }}
),

visits as (
    select person_key, count(*) as sessions
    from {{ ref('fct_visits') }}
    where person_key is not null
    group by person_key
),

differing as (
    select
        {{ wide_id('coalesce(customers.person_key, visits.person_key)') }} as person_id,
        customers.person_key is not null as is_in_dim_customer, coalesce(customers.sessions, 0) as sessions,
        coalesce(visits.sessions, 0) as all_sessions
    from customer_sessions as customers
    full outer join visits on customers.person_key = visits.person_key
    where coalesce(customers.sessions, 0) <> coalesce(visits.sessions, 0)
)

select 'orders of all persons' as what, customers.orders as told, orders.orders as expected
from customers
cross join orders
where coalesce(customers.orders, 0) <> orders.orders
union all
select 'net revenue of all persons' as what, customers.net_revenue as told, orders.net_revenue as expected
from customers
cross join orders
where coalesce(customers.net_revenue, 0) <> coalesce(orders.net_revenue, 0)
union all
select 'contacts of all persons' as what, customers.contacts as told, contacts.contacts as expected
from customers
cross join contacts
where coalesce(customers.contacts, 0) <> contacts.contacts
union all
select concat('sessions of ', person_id) as what, sessions as told, all_sessions as expected
from differing
where is_in_dim_customer or person_id in (select persons.person_id from {{ ref('int_persons') }} as persons)
