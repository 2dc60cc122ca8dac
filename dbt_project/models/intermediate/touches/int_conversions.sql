-- What touches are asked for: every order of the KPI days (before them no touches are loaded), every contact.
with orders as (
    select * from {{ ref('int_orders') }}
),

contacts as (
    select * from {{ ref('int_contacts') }}
),

persons as (
    select * from {{ ref('int_persons') }}
),

unioned as (
    select
        'order' as conversion_type, source, order_id as conversion_id, person_identifier,
        ordered_at as converted_at
    from orders
    where date_day >= {{ kpi_start() }}
    union all
    select
        'contact' as conversion_type, source, contact_id as conversion_id, person_identifier,
        created_at as converted_at
    from contacts
),

final as (
    select
        unioned.conversion_type,
        unioned.source,
        unioned.conversion_id,
        persons.person_id,
        unioned.converted_at
    from unioned
    inner join persons on unioned.person_identifier = persons.identifier
)

select * from final
