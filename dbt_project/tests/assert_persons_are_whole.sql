-- Catches a person who was split: two identifiers that one record carries together must be of one person, and so must
-- whatever a click or visitor id that belongs to somebody was seen with.
with persons as (
    select * from {{ ref('int_persons') }}
),

links as (
    select identifier, linked_identifier, true as is_of_record from {{ ref('int_identifier_links') }}
    union all
    select identifier, linked_identifier, false as is_of_record from {{ ref('int_click_links') }}
    union all
    select identifier, linked_identifier, false as is_of_record from {{ ref('int_visitor_links') }}
)

select links.identifier, links.linked_identifier
from links
left join persons on links.identifier = persons.identifier
left join persons as linked on links.linked_identifier = linked.identifier
where
    links.is_of_record and (persons.person_id is null or linked.person_id is null)
    or persons.person_id <> linked.person_id
