-- Targets that can be right, of months that have begun and that the KPI days reach.
with targets as (
    select * from {{ ref('stg_files__targets') }}
),

quarantined as (
    select * from {{ ref('int_quarantine__targets') }}
),

final as (
    select
        targets.month,
        targets.kpi,
        coalesce(nullif(targets.channel, ''), '(all)') as channel,
        targets.floor,
        targets.target,
        targets.stretch
    from targets
    left join quarantined
        on {{ row_key(['targets.month', 'targets.kpi', 'targets.channel']) }} = quarantined.row_key
    where
        quarantined.row_key is null
        and targets.month <= {{ mart_date() }}
        and last_day(targets.month) >= {{ kpi_start() }}
)

select * from final
