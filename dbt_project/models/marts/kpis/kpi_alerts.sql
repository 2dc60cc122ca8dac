-- What is out of the ordinary, day by day: KPIs outside their usual range, and budgets that will not hold.
with kpi_alerts as (
    select * from {{ ref('int_kpi_alerts') }}
),

pacing as (
    select * from {{ ref('kpi_budget_pacing') }}
),

final as (
    select
        date_day, rule, 'kpi' as kind, kpi, channel, '(all)' as campaign_id, value, expected, low, high, deviations,
        history_days, severity, owner
    from kpi_alerts
    union all
    select
        date_day,
        'budget: ' || channel || case when campaign_id = '(all)' then '' else ' / ' || campaign_id end as rule,
        'budget' as kind, 'spend' as kpi, channel, campaign_id,
        cast(forecast as double) as value,
        cast(budget as double) as expected,
        cast(0 as double) as low,
        cast(budget * (1 + {{ var('warn_over') }}) as double) as high,
        cast(null as double) as deviations,
        cast(null as integer) as history_days,
        status as severity,
        '{{ var("alerts_owner") | replace("'", "''") }}' as owner
    from pacing
    where budget is not null
)

select * from final
