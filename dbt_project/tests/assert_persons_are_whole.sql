-- Catches a person who was split: two identifiers that one record carries together must be of one person.
select links.identifier, links.linked_identifier
from {{ ref('int_identifier_links') }} as links
left join {{ ref('int_persons') }} as persons on links.identifier = persons.identifier
left join {{ ref('int_persons') }} as linked on links.linked_identifier = linked.identifier
where persons.person_id is null or persons.person_id is distinct from linked.person_id
