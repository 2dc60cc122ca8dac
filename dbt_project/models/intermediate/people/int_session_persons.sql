-- Whose visit it was. A visit links no identifiers with each other (a borrowed computer would make two people one),
-- so one that carries an id and an email of two persons is a touch of both.
with tracker_visits as (
    select * from {{ ref('stg_files__sessions') }}
),

shop_visits as (
    select * from {{ ref('stg_shopify__visits') }}
),

orders as (
    select * from {{ ref('int_orders') }}
    where source = 'shopify'
),

persons as (
    select * from {{ ref('int_persons') }}
),

carried as (
    select 'files' as source, session_id, 'customer:' || customer_id as identifier from tracker_visits
    union all
    select 'files' as source, session_id, 'email:' || email_hash as identifier from tracker_visits
    union all
    select 'shopify' as source, shop_visits.visit_id as session_id, orders.person_identifier as identifier
    from shop_visits
    inner join orders on shop_visits.order_id = orders.order_id
),

final as (
    select distinct carried.source, carried.session_id, persons.person_id
    from carried
    inner join persons on carried.identifier = persons.identifier
)

select * from final
