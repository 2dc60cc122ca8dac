-- Each rule's KPI against its baseline. Iglewicz and Hoaglin 1993 ("How to Detect and Handle Outliers", ASQC) call a
-- value an outlier from 3.5 robust deviations on: the default for yellow.
with rules as (
    select * from {{ ref('int_kpi_rules') }}
),

kpi_days as (
    select * from {{ ref('int_kpi_days') }}
),

baselines as (
    select * from {{ ref('int_kpi_baselines') }}
),

-- Where all that is known is 0, any other value is further away than can be said.
measured as (
    select
        kpi_days.date_day, rules.rule, rules.kpi, rules.channel, rules.direction, rules.owner, rules.yellow, rules.red,
        kpi_days.value, baselines.expected, baselines.deviation,
        coalesce(baselines.history_days, 0) as history_days,
        case
            when kpi_days.value = baselines.expected then 0
            else {{ ratio('kpi_days.value - baselines.expected', 'baselines.deviation') }}
        end as deviations
    from kpi_days
    inner join rules on kpi_days.rule = rules.rule
    left join baselines on kpi_days.rule = baselines.rule and kpi_days.date_day = baselines.date_day
),

directed as (
    select
        *,
        case
            when direction = 'up' and value < expected or direction = 'down' and value > expected then 0
            when deviation = 0 and value <> expected then red
            else abs(deviations)
        end as badness
    from measured
),

final as (
    select
        date_day, rule, kpi, channel, value, expected,
        expected - yellow * deviation as low,
        expected + yellow * deviation as high,
        deviations, history_days,
        case
            when history_days < 5 or badness is null then null
            when badness >= red then 'red'
            when badness >= yellow then 'yellow'
            else 'green'
        end as severity,
        owner
    from directed
)

select * from final
