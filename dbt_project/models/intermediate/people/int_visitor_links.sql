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

clicks as (
    select substr(identifier, 7) as click_id from click_links
),

carried as (
    select
        visitor_id, customer_id, email_hash,
        case when click_id in (select clicks.click_id from clicks) then click_id end as click_id
    from tracker_visits
),

told as (
    select
        visitor_id,
        {{ explode("['customer', 'email', 'click']") }} as kind,
        {{ explode('[customer_id, email_hash, click_id]') }} as id
    from carried
    where coalesce(customer_id, email_hash, click_id) is not null
),

seen as (
    select distinct visitor_id, kind, id
    from told
    where id is not null
),

named as (
    select kind, kind || ':' || id as identifier, 'visitor:' || visitor_id as visitor
    from seen
),

links as (
    select
        identifier,
        case kind
            when 'customer' then {{ visitor_link('visitor', 'identifier', 'customer') }}
            when 'email' then {{ visitor_link('visitor', 'identifier', 'email') }}
            when 'click' then {{ visitor_link('visitor', 'identifier', 'click') }}
        end as visitor
    from named
),

-- Who came without a visitor id, or must not be linked with it, is somebody all the same.
final as (
    select coalesce(links.visitor, links.identifier) as identifier, links.identifier as linked_identifier
    from links
    left join shared on links.identifier = shared.identifier
    where shared.identifier is null
)

select * from final
