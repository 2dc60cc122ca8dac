-- How a channel's spend lies over the week: each weekday's median of the 8 weeks before the month, 7 for a week in all.
-- A median, so that one day's spree doesn't bend the plan. With less than 4 weeks of KPI days before the month, or
-- nothing usually spent in them, every day weighs 1.
with days as (
    select * from {{ ref('int_plan_days') }}
),

spend_days as (
    select * from {{ ref('int_spend_days') }}
    where campaign_id = '(all)'
),

lines as (
    select distinct month, channel from {{ ref('int_budget_lines') }}
),

weekdays as (
    select distinct iso_weekday from days
),

typical as (
    select
        lines.month, lines.channel, spend_days.iso_weekday,
        count(*) as days_seen,
        {{ median_of('spend_days.spend') }} as spend
    from lines
    inner join spend_days
        on lines.channel = spend_days.channel
        and spend_days.date_day < lines.month
        and spend_days.date_day >= {{ days_after('lines.month', -56) }}
    group by lines.month, lines.channel, spend_days.iso_weekday
),

weeks as (
    select month, channel, cast(sum(cast(spend as decimal(38, 10))) as double) as spend
    from typical
    group by month, channel
    having sum(days_seen) >= 28
),

final as (
    select
        lines.month,
        lines.channel,
        weekdays.iso_weekday,
        cast(
            case when weeks.spend > 0 then 7 * {{ ratio('typical.spend', 'weeks.spend') }} else 1 end as decimal(10, 6)
        ) as weight
    from lines
    cross join weekdays
    left join weeks on lines.month = weeks.month and lines.channel = weeks.channel
    left join typical
        on lines.month = typical.month
        and lines.channel = typical.channel
        and weekdays.iso_weekday = typical.iso_weekday
)

select * from final
