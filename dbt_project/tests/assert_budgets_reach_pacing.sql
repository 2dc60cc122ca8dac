-- Catches a budget that is due and not paced, and spend that pacing leaves out or counts twice: a month's last KPI day
-- against the budgets and against kpi_channel_daily.
with months as (
    select month, max(date_day) as date_day
    from {{ ref('int_plan_days') }}
    where is_kpi_day
    group by month
),

last_days as (
    select pacing.month, pacing.channel, pacing.campaign_id, pacing.budget_local, pacing.spend_to_date
    from {{ ref('kpi_budget_pacing') }} as pacing
    inner join months on pacing.date_day = months.date_day
),

budgets as (
    select month, channel, campaign_id, amount_local
    from {{ ref('int_budgets') }}
    where is_due
),

channels as (
    select cast(date_trunc('month', date_day) as date) as month, channel, sum(spend) as spend
    from {{ ref('kpi_channel_daily') }}
    group by cast(date_trunc('month', date_day) as date), channel
)

select
    budgets.month, budgets.channel, budgets.campaign_id, budgets.amount_local as expected,
    last_days.budget_local as told
from budgets
left join last_days
    on budgets.month = last_days.month
    and budgets.channel = last_days.channel
    and budgets.campaign_id = last_days.campaign_id
where budgets.amount_local is distinct from last_days.budget_local
union all
select
    channels.month, channels.channel, '(all)' as campaign_id, channels.spend as expected,
    last_days.spend_to_date as told
from channels
left join last_days
    on channels.month = last_days.month and channels.channel = last_days.channel and last_days.campaign_id = '(all)'
where
    channels.month >= {{ kpi_start() }}
    and channels.spend <> 0
    and channels.spend is distinct from last_days.spend_to_date
