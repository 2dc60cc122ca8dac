-- How many paid visits no campaign is known for, by day and over the 28 days up to it.
with visit_days as (
    select * from {{ ref('int_paid_visit_days') }}
),

days as (
    select * from {{ ref('dim_date') }}
    where is_kpi_day
),

audited as (
    select count(*) as visit_days from visit_days
),

sums as (
    select
        date_day,
        sum(sessions) as paid_sessions,
        sum(case when campaign_id = '(none)' then sessions else 0 end) as unmapped_sessions
    from visit_days
    group by date_day
),

dense as (
    select
        days.date_day,
        coalesce(sums.paid_sessions, 0) as paid_sessions,
        coalesce(sums.unmapped_sessions, 0) as unmapped_sessions
    from days
    inner join audited on audited.visit_days > 0
    left join sums on days.date_day = sums.date_day
),

with_past as (
    select
        *,
        sum(paid_sessions) over past as paid_sessions_28d,
        sum(unmapped_sessions) over past as unmapped_sessions_28d
    from dense
    window past as (order by date_day rows between 27 preceding and current row)
),

final as (
    select
        date_day,
        cast(paid_sessions as bigint) as paid_sessions,
        cast(unmapped_sessions as bigint) as unmapped_sessions,
        {{ ratio('unmapped_sessions', 'paid_sessions') }} as unmapped_share,
        cast(paid_sessions_28d as bigint) as paid_sessions_28d,
        cast(unmapped_sessions_28d as bigint) as unmapped_sessions_28d,
        {{ ratio('unmapped_sessions_28d', 'paid_sessions_28d') }} as unmapped_share_28d,
        cast({{ var('max_unmapped_share') }} as double) as max_unmapped_share
    from with_past
)

select * from final
