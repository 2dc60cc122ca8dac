-- A day's orders as they were known at each load that changed them: all changes up to it.
with changes as (
    select * from {{ ref('int_order_changes') }}
),

loads as (
    select * from {{ ref('stg_landing__loads') }}
),

final as (
    select
        changes.source, changes.date_day, changes.metric, changes.currency, changes.load,
        loads.loaded_at, loads.last_day as loaded_for, loads.counts as is_accepted,
        changes.load = max(changes.load) over (
            partition by changes.source, changes.date_day, changes.metric, changes.currency
        ) as is_current,
        {{ local_amount('sum(changes.change_local) over (
            partition by changes.source, changes.date_day, changes.metric, changes.currency order by changes.load
        )') }} as value_local
    from changes
    inner join loads on changes.load = loads.load
)

select * from final
