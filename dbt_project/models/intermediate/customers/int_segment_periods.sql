-- Runs of days on which nothing changes for a customer but their recency, cut where that passes from one phase into
-- the next. So a segment's customers on any day are sums over what begins and ends, not a scan of all by every day.
{{ config(materialized='view') }}
{% set settings = var('customers') %}
with customer_days as (
    select * from {{ ref('int_customer_days') }}
),

bars as (
    select * from {{ ref('int_segment_bars') }}
),

phases as (
    select 'new' as phase, 0 as first_offset, {{ settings.new_days }} as last_offset
    union all
    select
        'active' as phase, {{ settings.new_days }} + 1 as first_offset,
        {{ settings.at_risk_after_days }} as last_offset
    union all
    select
        'at_risk' as phase, {{ settings.at_risk_after_days }} + 1 as first_offset,
        {{ settings.lost_after_days }} as last_offset
    union all
    select 'lost' as phase, {{ settings.lost_after_days }} + 1 as first_offset, 100000 as last_offset
),

cut as (
    select
        customer_days.person_id,
        greatest(
            customer_days.date_day, {{ kpi_start() }},
            {{ days_after('customer_days.last_purchase_day', 'phases.first_offset') }}
        ) as first_day,
        least(
            {{ days_after('coalesce(customer_days.next_day, ' ~ days_after(mart_date(), 1) ~ ')', -1) }},
            {{ days_after('customer_days.last_purchase_day', 'phases.last_offset') }}
        ) as last_day,
        phases.phase,
        customer_days.last_purchase_day,
        customer_days.purchases_to_date,
        customer_days.net_revenue_to_date
    from customer_days
    cross join phases
),

final as (
    select
        cut.person_id,
        cut.first_day,
        cut.last_day,
        case
            when cut.phase in ('at_risk', 'lost') then cut.phase
            when cut.phase = 'new' and cut.purchases_to_date = 1 then 'new'
            when
                cut.purchases_to_date > 1 and cut.net_revenue_to_date > 0
                and cut.net_revenue_to_date >= bars.high_value_from
                then 'high_value'
            else 'potential'
        end as segment,
        cut.last_purchase_day,
        cut.purchases_to_date,
        cut.net_revenue_to_date
    from cut
    cross join bars
    where cut.first_day <= cut.last_day
)

select * from final
