-- What each version of an ad platform's day summed up to. Counts are added up over currencies, amounts are not.
with loads as (
    select * from {{ ref('stg_landing__loads') }}
    where kind = 'report' and day <= {{ mart_date() }}
),

totals as (
    select * from {{ ref('stg_landing__load_totals') }}
),

measured as (
    select
        loads.source, loads.stream, loads.day, loads.load,
        case when totals.measure = 'cost_micros' then 'spend' else totals.measure end as metric,
        case
            when totals.measure in ('cost_micros', 'spend', 'conversions_value') then totals.currency else ''
        end as currency,
        case when totals.measure = 'cost_micros' then {{ from_micros('totals.value') }} else totals.value end as value
    from loads
    inner join totals on loads.load = totals.load
    where
        (loads.stream in ('account_performance', 'account_insights') and totals.conversion_type = '')
        or (loads.source = 'files' and loads.stream = 'ad_performance')
        or {{ is_declared_claim('loads.source', 'totals.conversion_type', 'totals.attribution_window') }}
        and loads.source <> 'files'
),

told as (
    select source, stream, day, load, metric, currency, sum(value) as value
    from measured
    group by source, stream, day, load, metric, currency
),

-- A currency that one version of a day tells of and another doesn't is zero there, if that one tells of the metric at
-- all (a load of before claims were summed up does not) or has no rows.
series as (
    select distinct source, stream, day, metric, currency from told
),

tellers as (
    select distinct load, metric from told
),

final as (
    select
        loads.source, loads.day as date_day, series.metric, series.currency, loads.load, loads.loaded_at,
        loads.last_day as loaded_for, loads.counts as is_accepted, loads.is_current,
        {{ local_amount('coalesce(told.value, 0)') }} as value_local
    from loads
    inner join series
        on loads.source = series.source and loads.stream = series.stream and loads.day = series.day
    left join told
        on loads.load = told.load and series.metric = told.metric and series.currency = told.currency
    left join tellers on loads.load = tellers.load and series.metric = tellers.metric
    where tellers.load is not null or loads.row_count = 0
)

select * from final
