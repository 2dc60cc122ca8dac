-- The value of each rule's KPI on each KPI day, from the day's sums; null where its channel is none.
with rules as (
    select * from {{ ref('int_kpi_rules') }}
),

kpis as (
    select * from {{ ref('kpis') }}
),

days as (
    select * from {{ ref('int_plan_days') }}
    where is_kpi_day
),

measures as (
    select * from {{ ref('int_kpi_measures') }}
),

final as (
    select
        days.date_day,
        days.iso_weekday,
        rules.rule,
        {{ kpi_value('kpis', 'numerators.value', 'denominators.value') }} as value
    from rules
    cross join days
    inner join kpis on rules.kpi = kpis.kpi
    left join measures as numerators
        on days.date_day = numerators.date_day
        and rules.channel = numerators.channel
        and kpis.numerator = numerators.measure
    left join measures as denominators
        on days.date_day = denominators.date_day
        and rules.channel = denominators.channel
        and kpis.denominator = denominators.measure
)

select * from final
