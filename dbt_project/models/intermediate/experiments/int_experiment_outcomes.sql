-- What each person did within the window after the first exposure; revenue as it is booked, credit notes included.
with exposures as (
    select * from {{ ref('int_exposures') }}
    where person_id is not null and not is_contaminated
),

orders as (
    select * from {{ ref('fct_orders') }}
),

contacts as (
    select * from {{ ref('fct_contacts') }}
),

persons as (
    select
        experiment, variant, person_id, min(exposed_at) as exposed_at,
        min(exposed_at) + interval '{{ var("experiment_window_days") }}' day as until_at
    from exposures
    group by experiment, variant, person_id
),

ordered as (
    select
        persons.experiment, persons.person_id,
        count(case when not orders.is_cancelled and not orders.is_credit_note then 1 end) as orders,
        sum(orders.net_amount) as revenue
    from persons
    inner join orders
        on persons.person_id = orders.person_id
        and persons.exposed_at <= orders.ordered_at
        and persons.until_at > orders.ordered_at
    group by persons.experiment, persons.person_id
),

led as (
    select distinct persons.experiment, persons.person_id
    from persons
    inner join contacts
        on persons.person_id = contacts.person_id
        and persons.exposed_at <= contacts.lead_at
        and persons.until_at > contacts.lead_at
),

final as (
    select
        persons.experiment, persons.variant, persons.person_id, persons.exposed_at, persons.until_at,
        coalesce(ordered.orders > 0, false) as has_ordered,
        led.person_id is not null as has_become_lead,
        {{ local_amount('coalesce(ordered.revenue, 0)') }} as revenue
    from persons
    left join ordered
        on persons.experiment = ordered.experiment and persons.person_id = ordered.person_id
    left join led on persons.experiment = led.experiment and persons.person_id = led.person_id
)

select * from final
