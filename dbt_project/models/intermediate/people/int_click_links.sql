-- Whose a click on an ad was, where a record of the CRM or the shop kept its id: the contact's own click, and those of
-- the visits before an order. A click id that too many visitors came with is a link that was passed on.
with contacts as (
    select * from {{ ref('int_contact_records') }}
),

orders as (
    select * from {{ ref('int_orders') }}
),

shop_visits as (
    select * from {{ ref('stg_shopify__visits') }}
),

tracker_visits as (
    select * from {{ ref('stg_files__sessions') }}
),

carried as (
    select google_click_id as click_id, person_identifier as linked_identifier from contacts
    union all
    select facebook_click_id as click_id, person_identifier as linked_identifier from contacts
    union all
    select shop_visits.click_id, orders.person_identifier as linked_identifier
    from shop_visits
    inner join orders on orders.source = 'shopify' and shop_visits.order_id = orders.order_id
),

links as (
    select distinct click_id, {{ linkable('linked_identifier', 'click', ['linked_identifier']) }} as linked_identifier
    from carried
    where click_id is not null
),

passed_on as (
    select click_id
    from tracker_visits
    where click_id in (select links.click_id from links)
    group by click_id
    having count(distinct visitor_id) > {{ var('max_persons_per_visitor') }}
),

final as (
    select 'click:' || links.click_id as identifier, links.linked_identifier
    from links
    left join passed_on on links.click_id = passed_on.click_id
    where links.linked_identifier is not null and passed_on.click_id is null
)

select * from final
