-- What each month reached of what it was to reach. An open month stands against the whole month's bounds, so its
-- status is what has been reached so far.
with target_months as (
    select * from {{ ref('int_target_months') }}
),

final as (
    select
        month, date_day, kpi, channel,
        actual, floor, target, stretch,
        -- 1 is the target, more is better, whichever way the KPI points
        case
            when is_lower_better then {{ ratio('target', 'actual') }}
            else {{ ratio('actual', 'target') }}
        end as attainment,
        case
            when actual is null then null
            when is_lower_better and actual <= stretch or not is_lower_better and actual >= stretch then 'stretch'
            when is_lower_better and actual <= target or not is_lower_better and actual >= target then 'target'
            when is_lower_better and actual <= floor or not is_lower_better and actual >= floor then 'floor'
            else 'below_floor'
        end as status,
        is_lower_better,
        date_day < month_end as is_month_to_date,
        {{ ratio('kpi_days', days_between('month', 'month_end') ~ ' + 1') }} as elapsed_share,
        month < {{ kpi_start() }} as is_begun_before_kpi_days
    from target_months
)

select * from final
