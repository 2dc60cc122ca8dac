-- Every currency and day that holds an amount, and where it does: what needs a rate.
with ad_days as (
    select source, currency, date_day, row_count from {{ ref('int_ad_days_summed') }}
    union all
    select source, currency, date_day, 1 as row_count from {{ ref('int_ad_days_campaign_gaps') }}
    union all
    select source, currency, date_day, 1 as row_count from {{ ref('int_ad_days_account_gaps') }}
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
    select * from {{ ref('int_costs') }}
),

-- Budgets as they landed, since what is wrong with one can be told only after the facts have their rates.
budgets as (
    select * from {{ ref('stg_files__budgets') }}
    where currency <> '' and month <= {{ mart_date() }} and last_day(month) >= {{ kpi_start() }}
),

email_sends as (
    select * from {{ ref('int_email_sends') }}
),

unioned as (
    select source, 'ad_performance' as entity, currency, date_day, row_count from ad_days
    union all
    select source, 'ad_conversions' as entity, currency, date_day, 1 as row_count from ad_conversions
    union all
    select source, 'orders' as entity, currency, date_day, 1 as row_count from orders
    union all
    select source, 'deals' as entity, currency, date_day, 1 as row_count from deals where amount_local is not null
    union all
    select source, 'costs' as entity, currency, date_day, 1 as row_count from costs
    union all
    select source, 'email_sends' as entity, currency, date_day, 1 as row_count
    from email_sends where revenue_local is not null
    union all
    select 'files' as source, 'budgets' as entity, currency, month as date_day, 1 as row_count from budgets
),

final as (
    select
        source, entity, coalesce(currency, '') as currency, date_day, cast(sum(row_count) as bigint) as row_count
    from unioned
    group by source, entity, coalesce(currency, ''), date_day
)

select * from final
