-- Catches an amount converted by another rate than its currency's of the day, one that is left unconverted beside
-- one that is converted (value and cost alike), a rate that is too old or of a later day, and a reporting currency
-- that is not worth 1. An amount whose rate is missing stands in int_missing_rates, which the gate stops on.
with rates as (
    select * from {{ ref('int_fx_rates') }}
),

amounts as (
    select 'fct_ad_performance' as fact, currency, date_day, fx_rate, spend_local as amount_local, spend as amount
    from {{ ref('fct_ad_performance') }}
    union all
    select
        'fct_ad_conversions' as fact, currency, date_day, fx_rate,
        conversions_value_local as amount_local, conversions_value as amount
    from {{ ref('fct_ad_conversions') }}
    union all
    select 'fct_orders' as fact, currency, date_day, fx_rate, net_amount_local as amount_local, net_amount as amount
    from {{ ref('fct_orders') }}
    union all
    select
        'fct_orders, cost' as fact, currency, date_day, fx_rate,
        cost_amount_local as amount_local, cost_amount as amount
    from {{ ref('fct_orders') }}
    union all
    select 'fct_deals' as fact, currency, date_day, fx_rate, amount_local, amount
    from {{ ref('fct_deals') }}
    where amount_local is not null
    union all
    select 'fct_costs' as fact, currency, date_day, fx_rate, amount_local, amount
    from {{ ref('fct_costs') }}
    union all
    select 'fct_email_sends' as fact, currency, date_day, fx_rate, revenue_local as amount_local, revenue as amount
    from {{ ref('fct_email_sends') }}
    where revenue_local is not null
)

select amounts.fact, amounts.currency, amounts.date_day, amounts.amount_local, amounts.amount, rates.fx_rate
from amounts
left join rates on amounts.currency = rates.currency and amounts.date_day = rates.date_day
where
    amounts.fx_rate is distinct from rates.fx_rate
    or amounts.amount is distinct from {{ reporting_amount('amounts.amount_local', 'rates.fx_rate') }}
union all
select 'int_fx_rates' as fact, currency, date_day, null as amount_local, null as amount, fx_rate
from rates
where
    fx_rate_day > date_day
    or date_day > {{ days_after('fx_rate_day', 7) }}
    or (currency = '{{ var("reporting_currency") }}' and (fx_rate <> 1 or fx_rate_day <> date_day))
