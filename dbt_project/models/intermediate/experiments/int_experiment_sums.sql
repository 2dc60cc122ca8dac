-- All that the tests need to know of a variant: how many persons, the sum of their values and of the squares. A variant
-- whose ids nobody knows has no persons, and stands here all the same: else another one would pass for the control.
with exposures as (
    select * from {{ ref('int_exposures') }}
),

outcomes as (
    select * from {{ ref('int_experiment_outcomes') }}
),

variants as (
    select distinct exposures.experiment, exposures.variant, metrics.metric, metrics.measure
    from exposures
    cross join (
        values ('order_rate', 'orders'), ('lead_rate', 'leads'), ('revenue_per_person', 'net_revenue')
    ) as metrics (metric, measure)
),

persons as (
    select
        experiment, variant, 'order_rate' as metric,
        {{ local_amount('case when has_ordered then 1 else 0 end') }} as value
    from outcomes
    union all
    select
        experiment, variant, 'lead_rate' as metric,
        {{ local_amount('case when has_become_lead then 1 else 0 end') }} as value
    from outcomes
    union all
    select experiment, variant, 'revenue_per_person' as metric, {{ local_amount('revenue') }} as value
    from outcomes
),

final as (
    select
        variants.experiment, variants.variant, variants.metric,
        count(persons.value) as exposures,
        count(case when persons.value <> 0 then 1 end) as conversions,
        {{ local_amount('coalesce(sum(persons.value), 0)') }} as total,
        cast(coalesce(sum(persons.value * persons.value), 0) as decimal(38, 12)) as total_of_squares
    from variants
    left join persons
        on variants.experiment = persons.experiment
        and variants.variant = persons.variant
        and variants.metric = persons.metric
    where {{ is_among_known('variants.measure') }}
    group by variants.experiment, variants.variant, variants.metric
)

select * from final
