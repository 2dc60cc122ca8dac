-- Experiments as far as the mart's day knows them.
with sums as (
    select * from {{ ref('int_experiment_sums') }}
),

tests as (
    select * from {{ ref('int_experiment_tests') }}
),

exposures as (
    select * from {{ ref('int_exposures') }}
),

outcomes as (
    select * from {{ ref('int_experiment_outcomes') }}
),

left_out as (
    select
        experiment, variant,
        count(case when person_id is null then 1 end) as unmatched_ids,
        count(distinct case when is_contaminated then person_id end) as contaminated_persons
    from exposures
    group by experiment, variant
),

ends as (
    select experiment, max(until_at) as until_at
    from outcomes
    group by experiment
),

final as (
    select
        sums.experiment,
        sums.variant,
        sums.metric,
        {{ mart_date() }} as date_day,
        sums.variant = tests.control_variant as is_control,
        case when sums.metric = 'revenue_per_person' then 'welch_t' else 'two_proportion_z' end as test,
        sums.exposures,
        sums.conversions,
        sums.total,
        tests.rate,
        tests.control_rate,
        tests.difference,
        tests.difference_low,
        tests.difference_high,
        {{ ratio('tests.difference', 'tests.control_rate') }} as uplift,
        tests.p_value,
        tests.is_small_sample,
        tests.sample_ratio_p_value,
        left_out.unmatched_ids,
        left_out.contaminated_persons,
        {{ reporting_day('ends.until_at') }} <= {{ mart_date() }} as is_complete
    from sums
    inner join tests
        on sums.experiment = tests.experiment and sums.variant = tests.variant and sums.metric = tests.metric
    inner join left_out on sums.experiment = left_out.experiment and sums.variant = left_out.variant
    inner join ends on sums.experiment = ends.experiment
)

select * from final
