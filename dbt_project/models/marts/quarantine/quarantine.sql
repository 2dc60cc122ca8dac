-- What can't be right and is therefore in no fact, with its reason: nothing vanishes, nothing stops the rest.
with ad_conversions as (
    select * from {{ ref('int_quarantine__ad_conversions') }}
),

budgets as (
    select * from {{ ref('int_quarantine__budgets') }}
),

costs as (
    select * from {{ ref('int_quarantine__costs') }}
),

deals as (
    select * from {{ ref('int_quarantine__deals') }}
),

email_campaigns as (
    select * from {{ ref('int_quarantine__email_campaigns') }}
),

orders as (
    select * from {{ ref('int_quarantine__orders') }}
),

promotions as (
    select * from {{ ref('int_quarantine__promotions') }}
),

targets as (
    select * from {{ ref('int_quarantine__targets') }}
),

final as (
    select source, stream, row_key, date_day, reason, currency, amount_local, row_json from ad_conversions
    union all
    select source, stream, row_key, date_day, reason, currency, amount_local, row_json from budgets
    union all
    select source, stream, row_key, date_day, reason, currency, amount_local, row_json from costs
    union all
    select source, stream, row_key, date_day, reason, currency, amount_local, row_json from deals
    union all
    select source, stream, row_key, date_day, reason, currency, amount_local, row_json from email_campaigns
    union all
    select source, stream, row_key, date_day, reason, currency, amount_local, row_json from orders
    union all
    select source, stream, row_key, date_day, reason, currency, amount_local, row_json from promotions
    union all
    select source, stream, row_key, date_day, reason, currency, amount_local, row_json from targets
)

select * from final
