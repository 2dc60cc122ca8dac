-- What a KPI is on such a weekday: the median of the 8 before, and how far from it they lie by the median (MAD) times
-- 1.4826, which makes it the standard deviation where values are normal (Rousseeuw and Croux 1993, "Alternatives to
-- the Median Absolute Deviation", JASA 88, 1273). One strange day moves neither. At least 5 % of the median counts as
-- usual, so that weeks which happen to be equal make no alarm of every change.
with kpi_days as (
    select * from {{ ref('int_kpi_days') }}
),

-- A day on which the KPI is null (a divisor of 0) tells nothing of what is usual.
history as (
    select kpi_days.rule, kpi_days.date_day, past.value
    from kpi_days
    inner join kpi_days as past
        on kpi_days.rule = past.rule
        and kpi_days.iso_weekday = past.iso_weekday
        and past.date_day < kpi_days.date_day
        and past.date_day >= {{ days_after('kpi_days.date_day', -56) }}
        and past.value is not null
),

medians as (
    select rule, date_day, {{ median_of('value') }} as expected, cast(count(*) as integer) as history_days
    from history
    group by rule, date_day
),

deviations as (
    select
        medians.rule, medians.date_day, medians.expected, medians.history_days,
        {{ median_of('abs(history.value - medians.expected)') }} as mad
    from medians
    inner join history on medians.rule = history.rule and medians.date_day = history.date_day
    group by medians.rule, medians.date_day, medians.expected, medians.history_days
),

final as (
    select rule, date_day, expected, history_days, greatest(1.4826 * mad, 0.05 * abs(expected)) as deviation
    from deviations
)

select * from final
