-- How much of a month's plan a day has seen, and how much is still to come, by the weekdays' weights.
with lines as (
    select * from {{ ref('int_budget_lines') }}
),

days as (
    select * from {{ ref('int_plan_days') }}
),

weights as (
    select * from {{ ref('int_weekday_weights') }}
),

weighed as (
    select
        lines.month, lines.channel, lines.campaign_id, lines.currency, lines.budget_local, lines.budget,
        days.date_day, days.is_kpi_day, weights.weight,
        sum(weights.weight) over line as month_weight,
        sum(weights.weight) over line_so_far as weight_to_date,
        sum(weights.weight) over line - sum(weights.weight) over line_so_far as weight_to_come
    from lines
    inner join days on lines.month = days.month
    inner join weights
        on lines.month = weights.month
        and lines.channel = weights.channel
        and days.iso_weekday = weights.iso_weekday
    window
        line as (partition by lines.month, lines.channel, lines.campaign_id),
        line_so_far as (
            partition by lines.month, lines.channel, lines.campaign_id
            order by days.date_day rows unbounded preceding
        )
),

week_weights as (
    select month, channel, sum(weight) as week_weight
    from weights
    group by month, channel
),

final as (
    select
        weighed.month, weighed.date_day, weighed.channel, weighed.campaign_id, weighed.currency,
        weighed.budget_local, weighed.budget,
        cast({{ decimal_quotient('weighed.weight_to_date', 'weighed.month_weight') }} as decimal(12, 10))
            as share_to_date,
        cast({{ decimal_quotient('weighed.weight_to_come', 'week_weights.week_weight') }} as decimal(12, 10))
            as weeks_to_come
    from weighed
    inner join week_weights
        on weighed.month = week_weights.month and weighed.channel = week_weights.channel
    where weighed.is_kpi_day
)

select * from final
