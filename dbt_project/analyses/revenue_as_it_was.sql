-- May's revenue as it was known on 15 May, beside what is known of it now.
with then_known as (
    select date_day, sum(value) as net_revenue
    from {{ as_it_was_on("date '2025-05-15'") }}
    where metric = 'net_revenue'
    group by date_day
),

now_known as (
    select date_day, sum(value) as net_revenue
    from {{ ref('fct_restatements') }}
    where metric = 'net_revenue' and is_current
    group by date_day
),

final as (
    select
        now_known.date_day,
        then_known.net_revenue as net_revenue_then,
        now_known.net_revenue as net_revenue_now
    from now_known
    left join then_known on now_known.date_day = then_known.date_day
    where now_known.date_day between date '2025-05-01' and date '2025-05-31'
)

select * from final
