-- Each variant beside the control of its experiment: the one called so, else the first by name.
with sums as (
    select * from {{ ref('int_experiment_sums') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by experiment, metric
            order by case when lower(variant) = 'control' then 0 else 1 end, variant
        ) as place
    from sums
),

final as (
    select
        arms.experiment, arms.variant, arms.metric,
        arms.variant = controls.variant as is_control,
        arms.exposures, arms.conversions, arms.total, arms.total_of_squares,
        controls.exposures as control_exposures,
        controls.total as control_total,
        controls.total_of_squares as control_total_of_squares
    from ranked as arms
    inner join ranked as controls
        on arms.experiment = controls.experiment and arms.metric = controls.metric and controls.place = 1
)

select * from final
