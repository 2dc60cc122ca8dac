-- Catches a person who was split: two identifiers that one record carries together must be of one person, and so must
-- whatever a click or visitor id that belongs to somebody was seen with.
with persons as (
    select * from {{ ref('int_persons') }}
),

held as (
    select identifier, linked_identifier from {{ ref('int_click_links') }}
    union all
    select identifier, linked_identifier from {{ ref('int_visitor_links') }}
)

select links.identifier, links.linked_identifier
from {{ ref('int_identifier_links') }} as links
left join persons on links.identifier = persons.identifier
left join persons as linked on links.linked_identifier = linked.identifier
where persons.person_id is null or persons.person_id is distinct from linked.person_id
union all
select held.identifier, held.linked_identifier
from held
inner join persons on held.identifier = persons.identifier
inner join persons as linked on held.linked_identifier = linked.identifier
where persons.person_id <> linked.person_id
