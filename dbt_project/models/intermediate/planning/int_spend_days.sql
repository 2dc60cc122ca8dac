-- Spend of every KPI day for whatever is paced: 0 where nothing was spent, null where nobody tells of spend.
with days as (
    select * from {{ ref('int_plan_days') }}
    where is_kpi_day
),

campaign_days as (
    select * from {{ ref('int_campaign_days') }}
    where spend <> 0
),

lines as (
    select distinct channel, campaign_id from {{ ref('int_budget_lines') }}
),

spent as (
    select date_day, channel, '(all)' as campaign_id, sum(spend) as spend
    from campaign_days
    group by date_day, channel
    union all
    select date_day, channel, campaign_id, sum(spend) as spend
    from campaign_days
    group by date_day, channel, campaign_id
),

dense as (
    select
        days.date_day, days.month, days.iso_weekday, lines.channel, lines.campaign_id,
        cast({{ measure_of_day('spend', 'spent.spend') }} as decimal(38, 10)) as spend
    from days
    cross join lines
    left join spent
        on days.date_day = spent.date_day
        and lines.channel = spent.channel
        and lines.campaign_id = spent.campaign_id
),

final as (
    select
        date_day, month, iso_weekday, channel, campaign_id, spend,
        cast(sum(spend) over month_so_far as decimal(38, 10)) as spend_of_month,
        cast(sum(spend) over last_week as decimal(38, 10)) as spend_of_week,
        cast(count(*) over last_week as integer) as days_of_week
    from dense
    window
        month_so_far as (
            partition by channel, campaign_id, month order by date_day rows unbounded preceding
        ),
        last_week as (
            partition by channel, campaign_id order by date_day rows between 6 preceding and current row
        )
)

select * from final
