-- Each target with the sums of its month up to the mart's day. Of a month that began before the KPI days a part is
-- unknown, and so is every sum of it.
with targets as (
    select * from {{ ref('int_targets') }}
),

kpis as (
    select * from {{ ref('kpis') }}
),

days as (
    select * from {{ ref('int_plan_days') }}
),

measures as (
    select * from {{ ref('int_kpi_measures') }}
),

months as (
    select
        month,
        max(month_end) as month_end,
        max(case when is_kpi_day then date_day end) as date_day,
        count(case when is_kpi_day then 1 end) as kpi_days
    from days
    group by month
),

sums as (
    select
        days.month, measures.channel, measures.measure,
        case when days.month >= {{ kpi_start() }} then {{ measure_value('sum(measures.value)') }} end as value
    from measures
    inner join days on measures.date_day = days.date_day
    group by days.month, measures.channel, measures.measure
),

final as (
    select
        targets.month, months.month_end, months.date_day, months.kpi_days,
        targets.kpi, targets.channel, targets.floor, targets.target, targets.stretch,
        kpis.is_lower_better,
        {{ kpi_value('kpis', 'numerators.value', 'denominators.value') }} as actual
    from targets
    inner join kpis on targets.kpi = kpis.kpi
    inner join months on targets.month = months.month
    left join sums as numerators
        on targets.month = numerators.month
        and targets.channel = numerators.channel
        and kpis.numerator = numerators.measure
    left join sums as denominators
        on targets.month = denominators.month
        and targets.channel = denominators.channel
        and kpis.denominator = denominators.measure
)

select * from final
