-- Where spend stands against its budget on each day of the month, and where it will end: spend to date and, for the
-- days to come, the last 7 days' spend at the weekdays' usual weights.
with budget_days as (
    select * from {{ ref('int_budget_days') }}
),

spend_days as (
    select * from {{ ref('int_spend_days') }}
),

-- Of a month that began before the KPI days a part is unknown, and so is every sum of it.
spent as (
    select
        budget_days.month, budget_days.date_day, budget_days.channel, budget_days.campaign_id, budget_days.currency,
        budget_days.budget_local, budget_days.budget,
        cast(budget_days.budget * budget_days.share_to_date as decimal(38, 10)) as expected_to_date,
        budget_days.weeks_to_come,
        budget_days.month >= {{ kpi_start() }} and spend_days.spend is not null as is_spend_known,
        case when budget_days.month >= {{ kpi_start() }} then spend_days.spend_of_month end as spend_to_date,
        -- of the days there are where the KPI days are not a week old
        cast({{ decimal_quotient('spend_days.spend_of_week * 7', 'spend_days.days_of_week') }} as decimal(38, 10))
            as weekly_spend
    from budget_days
    inner join spend_days
        on budget_days.date_day = spend_days.date_day
        and budget_days.channel = spend_days.channel
        and budget_days.campaign_id = spend_days.campaign_id
),

forecast as (
    select
        *,
        spend_to_date + cast(weekly_spend * weeks_to_come as decimal(38, 10)) as forecast
    from spent
),

final as (
    select
        month, date_day, channel, campaign_id, currency, budget_local, budget,
        is_spend_known, spend_to_date, expected_to_date,
        {{ ratio('spend_to_date', 'expected_to_date') }} as pace,
        forecast,
        forecast - budget as variance,
        {{ ratio('forecast - budget', 'budget') }} as variance_ratio,
        case
            when forecast > budget * (1 + {{ var('warn_over') }}) then 'red'
            when forecast > budget then 'yellow'
            when forecast <= budget then 'green'
        end as status
    from forecast
)

select * from final
