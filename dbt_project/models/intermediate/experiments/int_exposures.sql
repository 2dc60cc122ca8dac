-- Who was exposed to what. An id is looked up as the shop's customer, then as a contact of any CRM; one that nobody
-- knows has no person. A person who saw two variants (by two ids) can't be told for either.
with exposures as (
    select * from {{ ref('stg_files__experiments') }}
),

persons as (
    select * from {{ ref('int_persons') }}
),

crms as (
    select distinct source from {{ ref('int_contacts') }}
),

contacts as (
    select exposures.experiment, exposures.subject_id, min(persons.person_id) as person_id
    from exposures
    cross join crms
    inner join persons on {{ contact_identifier('crms.source', 'exposures.subject_id') }} = persons.identifier
    group by exposures.experiment, exposures.subject_id
),

matched as (
    select
        exposures.experiment, exposures.variant, exposures.subject_id, exposures.exposed_at,
        coalesce(persons.person_id, contacts.person_id) as person_id
    from exposures
    left join persons on {{ person_identifier('exposures.subject_id', 'null') }} = persons.identifier
    left join contacts
        on exposures.experiment = contacts.experiment and exposures.subject_id = contacts.subject_id
    where {{ reporting_day('exposures.exposed_at') }} <= {{ mart_date() }}
),

variants as (
    select experiment, person_id, count(distinct variant) as variants
    from matched
    where person_id is not null
    group by experiment, person_id
),

final as (
    select
        matched.experiment, matched.variant, matched.subject_id, matched.exposed_at, matched.person_id,
        coalesce(variants.variants > 1, false) as is_contaminated
    from matched
    left join variants on matched.experiment = variants.experiment and matched.person_id = variants.person_id
)

select * from final
