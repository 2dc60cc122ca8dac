with orders as (
    select * from {{ ref('int_orders') }}
),

ad_days as (
    select * from {{ ref('fct_ad_days') }}
),

sessions as (
    select * from {{ ref('fct_visits') }}
),

contacts as (
    select * from {{ ref('int_contacts') }}
),

deals as (
    select * from {{ ref('int_deals') }}
),

costs as (
    select * from {{ ref('int_costs') }}
),

email_sends as (
    select * from {{ ref('int_email_sends') }}
),

-- The week that the KPI days begin in is a cohort of kpi_funnel, told by its Monday.
first_days as (
    select {{ week_start(kpi_start()) }} as date_day
    union all
    select min(date_day) as date_day from orders
    union all
    select min(date_day) as date_day from ad_days
    union all
    select min(date_day) as date_day from sessions
    union all
    select min(date_day) as date_day from contacts
    union all
    select min(date_day) as date_day from deals
    union all
    select min(date_day) as date_day from costs
    union all
    select min(date_day) as date_day from email_sends
),

series as (
    select {{ day_series('min(date_day)', mart_date()) }} as days from first_days
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
        cast(extract(year from date_day) as integer) as year,
        cast(extract(quarter from date_day) as integer) as quarter,
        cast(extract(month from date_day) as integer) as month,
        cast(date_trunc('month', date_day) as date) as month_start,
        cast(extract(isoyear from date_day) as integer) as iso_year,
        cast(extract(week from date_day) as integer) as iso_week,
        {{ week_start('date_day') }} as week_start,
        cast(extract(isodow from date_day) as integer) as iso_weekday,
        extract(isodow from date_day) >= 6 as is_weekend,
        {{ days_after('date_day', -1) }} as previous_day,
        {{ days_after('date_day', -7) }} as previous_week_day,
        {{ days_after('date_day', -364) }} as previous_year_day,
        date_day >= {{ kpi_start() }} as is_kpi_day
    from days
)

select * from final
