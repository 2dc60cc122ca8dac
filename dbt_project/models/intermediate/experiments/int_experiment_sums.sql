-- All that the tests need to know of a variant: how many persons, the sum of their values and of the squares.
with outcomes as (
    select * from {{ ref('int_experiment_outcomes') }}
),

metrics as (
    select
        experiment, variant, 'order_rate' as metric, 'orders' as measure,
        {{ local_amount('case when has_ordered then 1 else 0 end') }} as value
    from outcomes
    union all
    select
        experiment, variant, 'lead_rate' as metric, 'leads' as measure,
        {{ local_amount('case when has_become_lead then 1 else 0 end') }} as value
    from outcomes
    union all
    select
        experiment, variant, 'revenue_per_person' as metric, 'net_revenue' as measure,
        {{ local_amount('revenue') }} as value
    from outcomes
),

final as (
    select
        experiment, variant, metric,
        count(*) as exposures,
        count(case when value <> 0 then 1 end) as conversions,
        {{ local_amount('sum(value)') }} as total,
        cast(sum(value * value) as decimal(38, 12)) as total_of_squares
    from metrics
    where {{ is_among_known('measure') }}
    group by experiment, variant, metric
)

select * from final
