-- The days of every month that the KPI days reach, those to come included.
with span as (
    select
        cast(date_trunc('month', {{ kpi_start() }}) as date) as first_day,
        last_day({{ mart_date() }}) as last_day
),

series as (
    select {{ day_series('first_day', 'last_day') }} as days from span
),

exploded as (
    select {{ explode('days') }} as day from series
),

days as (
    select cast(day as date) as date_day from exploded
),

final as (
    select
        date_day,
        cast(date_trunc('month', date_day) as date) as month,
        last_day(date_day) as month_end,
        {{ iso_weekday('date_day') }} as iso_weekday,
        date_day >= {{ kpi_start() }} and date_day <= {{ mart_date() }} as is_kpi_day
    from days
)

select * from final
