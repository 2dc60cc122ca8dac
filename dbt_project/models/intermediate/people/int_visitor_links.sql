-- What a visitor id was seen with: a customer id, an email, the id of a click that somebody's record kept. Visitors
-- seen with none of them stay out, and they are most: each is a person by itself (int_visits_identified).
with tracker_visits as (
    select * from {{ ref('stg_files__sessions') }}
    where {{ up_to_mart_date('started_at') }}
),

shared as (
    select * from {{ ref('int_shared_identifiers') }}
),

click_links as (
    select * from {{ ref('int_click_links') }}
),

customers_seen as (
    select distinct 'visitor:' || visitor_id as visitor, 'customer:' || customer_id as identifier
    from tracker_visits
    where customer_id is not null
),

emails_seen as (
    select distinct 'visitor:' || visitor_id as visitor, 'email:' || email_hash as identifier
    from tracker_visits
    where email_hash is not null
),

clicks_seen as (
    select distinct 'visitor:' || visitor_id as visitor, 'click:' || click_id as identifier
    from tracker_visits
    where 'click:' || click_id in (select click_links.identifier from click_links)
),

links as (
    select identifier, {{ visitor_link('visitor', 'identifier', 'customer') }} as visitor from customers_seen
    union all
    select identifier, {{ visitor_link('visitor', 'identifier', 'email') }} as visitor from emails_seen
    union all
    select identifier, {{ visitor_link('visitor', 'identifier', 'click') }} as visitor from clicks_seen
),

-- Who came without a visitor id, or must not be linked with it, is somebody all the same.
final as (
    select coalesce(links.visitor, links.identifier) as identifier, links.identifier as linked_identifier
    from links
    left join shared on links.identifier = shared.identifier
    where shared.identifier is null
)

select * from final
