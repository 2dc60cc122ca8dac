-- What a month is paced by: each budget, and each channel that spent without one (its budget is then null).
with budgets as (
    select * from {{ ref('int_budgets') }}
    where is_due
),

rates as (
    select * from {{ ref('int_fx_rates') }}
),

campaign_days as (
    select * from {{ ref('int_campaign_days') }}
),

planned as (
    select
        budgets.month, budgets.channel, budgets.campaign_id, budgets.currency,
        budgets.amount_local as budget_local,
        {{ reporting_amount('budgets.amount_local', 'rates.fx_rate') }} as budget
    from budgets
    left join rates on budgets.currency = rates.currency and budgets.month = rates.date_day
),

spent as (
    select distinct cast(date_trunc('month', date_day) as date) as month, channel
    from campaign_days
    where spend <> 0
),

unplanned as (
    select spent.month, spent.channel
    from spent
    left join planned
        on spent.month = planned.month and spent.channel = planned.channel and planned.campaign_id = '(all)'
    where planned.channel is null
),

final as (
    select month, channel, campaign_id, currency, budget_local, budget from planned
    union all
    select
        month, channel, '(all)' as campaign_id, cast(null as varchar) as currency,
        cast(null as decimal(38, 6)) as budget_local, cast(null as decimal(38, 10)) as budget
    from unplanned
)

select * from final
