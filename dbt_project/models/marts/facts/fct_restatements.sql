-- What was known of a day at each load that told something new of it: a ledger, of which the other tables show the end.
with report_versions as (
    select * from {{ ref('int_report_versions') }}
),

order_versions as (
    select * from {{ ref('int_order_versions') }}
),

rates as (
    select * from {{ ref('int_fx_rates') }}
),

versions as (
    select source, date_day, metric, currency, load, loaded_at, loaded_for, is_accepted, is_current, value_local
    from report_versions
    union all
    select source, date_day, metric, currency, load, loaded_at, loaded_for, is_accepted, is_current, value_local
    from order_versions
),

-- What was rejected was never shown, so nothing is compared with it.
followed as (
    select
        *,
        max(case when is_accepted then load end) over (
            partition by source, date_day, metric, currency order by load
            rows between unbounded preceding and 1 preceding
        ) as previous_load
    from versions
),

final as (
    select
        versions.source, versions.date_day, versions.metric, versions.currency, versions.load,
        versions.loaded_at, versions.loaded_for, versions.is_accepted, versions.is_current,
        {{ days_after('versions.date_day', finality_days('versions.source', 'versions.metric')) }}
        <= versions.loaded_for as is_final,
        versions.value_local,
        versions.value_local - previous.value_local as change_local,
        case
            when versions.currency = '' then cast(versions.value_local as decimal(38, 10))
            else {{ reporting_amount('versions.value_local', 'rates.fx_rate') }}
        end as value
    from followed as versions
    left join versions as previous
        on versions.source = previous.source and versions.date_day = previous.date_day
        and versions.metric = previous.metric and versions.currency = previous.currency
        and versions.previous_load = previous.load
    left join rates on versions.currency = rates.currency and versions.date_day = rates.date_day
)

select * from final
