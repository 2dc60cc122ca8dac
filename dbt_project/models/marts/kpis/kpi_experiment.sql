-- Experiments as far as the mart's day knows them.
with arms as (
    select * from {{ ref('int_experiment_arms') }}
),

tests as (
    select * from {{ ref('int_experiment_tests') }}
),

ratios as (
    select * from {{ ref('int_experiment_ratios') }}
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

rated as (
    select
        *,
        {{ ratio('total', 'exposures') }} as rate,
        {{ ratio('control_total', 'control_exposures') }} as control_rate,
        {{ ratio('total + control_total', 'exposures + control_exposures') }} as pooled_rate
    from arms
),

final as (
    select
        rated.experiment, rated.variant, rated.metric, {{ mart_date() }} as date_day, rated.is_control,
        case when rated.metric = 'revenue_per_person' then 'welch_t' else 'two_proportion_z' end as test,
        rated.exposures, rated.conversions, rated.total, rated.rate, rated.control_rate,
        case when not rated.is_control then rated.rate - rated.control_rate end as difference,
        tests.difference_low, tests.difference_high,
        case when not rated.is_control then {{ ratio('rated.rate - rated.control_rate', 'rated.control_rate') }} end
            as uplift,
        tests.p_value,
        case
            when rated.is_control then null
            when rated.metric = 'revenue_per_person' then least(rated.exposures, rated.control_exposures) < 30
            else least(rated.exposures, rated.control_exposures) * least(rated.pooled_rate, 1 - rated.pooled_rate) < 5
        end as is_small_sample,
        ratios.sample_ratio_p_value, left_out.unmatched_ids, left_out.contaminated_persons,
        {{ reporting_day('ends.until_at') }} <= {{ mart_date() }} as is_complete
    from rated
    inner join left_out on rated.experiment = left_out.experiment and rated.variant = left_out.variant
    left join ends on rated.experiment = ends.experiment
    inner join ratios on rated.experiment = ratios.experiment and rated.metric = ratios.metric
    left join tests
        on rated.experiment = tests.experiment and rated.variant = tests.variant and rated.metric = tests.metric
)

select * from final
