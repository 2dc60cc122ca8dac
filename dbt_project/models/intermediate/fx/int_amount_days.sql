-- Every currency and day that holds an amount, and where it does: what needs a rate.
with ad_days as (
    select * from {{ ref('int_ad_days') }}
),

ad_conversions as (
    select * from {{ ref('int_ad_conversions') }}
),

orders as (
    select * from {{ ref('int_orders') }}
),

deals as (
    select * from {{ ref('int_deals') }}
),

costs as (
    select * from {{ ref('stg_files__costs') }}
),

email_sends as (
    select * from {{ ref('int_email_sends') }}
),

unioned as (
    select source, 'ad_performance' as entity, currency, date_day from ad_days
    union all
    select source, 'ad_conversions' as entity, currency, date_day from ad_conversions
    union all
    select source, 'orders' as entity, currency, date_day from orders
    union all
    select source, 'deals' as entity, currency, date_day from deals where amount_local is not null
    union all
    select 'files' as source, 'costs' as entity, currency, date_day from costs where date_day <= {{ mart_date() }}
    union all
    select source, 'email_sends' as entity, currency, date_day from email_sends where revenue_local is not null
),

final as (
    select source, entity, coalesce(currency, '') as currency, date_day, count(*) as row_count
    from unioned
    group by source, entity, coalesce(currency, ''), date_day
)

select * from final
