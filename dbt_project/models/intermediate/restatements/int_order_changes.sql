-- What each load changed in the orders of a day: a row that came or went, a refund that came later, a day that moved.
with shopify_orders as (
    select * from {{ ref('stg_shopify__order_versions') }}
),

file_orders as (
    select * from {{ ref('stg_files__order_versions') }}
),

versions as (
    select * from shopify_orders
    union all
    select * from file_orders
),

first_loads as (
    select source, min(load) as load from versions group by source
),

loaded_later as (
    select distinct versions.source, versions.order_id
    from versions
    inner join first_loads on versions.source = first_loads.source and versions.load > first_loads.load
),

-- What is in no currency is in quarantine, so in no fact that the ledger tells of. Most orders came once, with a first
-- load that has them all: only those of a later one need to be set in order.
dated as (
    select
        versions.source, versions.order_id, versions.load, versions.changed_at, versions.currency, versions.net,
        versions.is_counted and versions.currency is not null as is_counted, versions.is_order,
        {{ reporting_day('versions.ordered_at') }} as date_day, loaded_later.order_id is not null as has_later
    from versions
    left join loaded_later on versions.source = loaded_later.source and versions.order_id = loaded_later.order_id
),

-- As the landing sees it: the newest by change time counts, and of equally old ones the one that was loaded last.
ranked as (
    select
        *,
        max(changed_at) over (
            partition by source, order_id order by load rows between unbounded preceding and 1 preceding
        ) as newest_before
    from dated
    where has_later
),

followed as (
    select *, lead(load) over (partition by source, order_id order by load) as next_load
    from ranked
    where newest_before is null or changed_at >= newest_before
),

came_and_went as (
    select source, date_day, currency, load, net, is_order from dated where is_counted and not has_later
    union all
    select source, date_day, currency, load, net, is_order from followed where is_counted
    union all
    select source, date_day, currency, next_load as load, -net as net, -is_order as is_order
    from followed
    where is_counted and next_load is not null
),

by_metric as (
    select source, date_day, 'net_revenue' as metric, currency, load, net as value from came_and_went
    union all
    select source, date_day, 'orders' as metric, '' as currency, load, cast(is_order as decimal(38, 6)) as value
    from came_and_went
),

final as (
    select source, date_day, metric, currency, load, {{ local_amount('sum(value)') }} as change_local
    from by_metric
    where date_day <= {{ mart_date() }}
    group by source, date_day, metric, currency, load
    having sum(value) <> 0
)

select * from final
