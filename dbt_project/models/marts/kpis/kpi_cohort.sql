-- Ratios of int_cohort_totals.
with totals as (
    select * from {{ ref('int_cohort_totals') }}
),

final as (
    select
        date_day,
        channel,
        months_since,
        activity_month,
        activity_month < date_trunc('month', {{ days_after(mart_date(), 1) }}) as is_complete,
        customers,
        active,
        purchases,
        repeat_customers,
        cumulative_net_revenue,
        cumulative_margin,
        orders_without_cost,
        spend,
        {{ ratio('active', 'customers') }} as retention,
        {{ ratio('repeat_customers', 'customers') }} as repeat_rate,
        {{ ratio('cumulative_net_revenue', 'customers') }} as ltv,
        {{ ratio('cumulative_margin', 'customers') }} as ltv_margin,
        {{ ratio('spend', 'customers') }} as cac,
        {{ ratio('cumulative_margin', 'spend') }} as payback_ratio,
        min(case when spend > 0 and cumulative_margin >= spend then months_since end)
            over (partition by date_day, channel) as payback_month
    from totals
)

select * from final
