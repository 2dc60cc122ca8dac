-- Catches an amount converted by another rate than its currency's of the day, one that is left unconverted beside
-- one that is converted (value and cost alike), a rate that is too old or of a later day, and a reporting currency
-- that is not worth 1. An amount whose rate is missing stands in int_missing_rates, which the gate stops on.
-- Each day's amounts of a currency and sign are added up and may differ by the rounding of their rows; row by row they
-- are compared on a sample of days (is_sampled_day), where errors that take each other back would be seen.
{%- set amounts = [
    ('fct_ad_performance', 'spend_local', 'spend'),
    ('fct_ad_conversions', 'conversions_value_local', 'conversions_value'),
    ('fct_orders', 'net_amount_local', 'net_amount'),
    ('fct_orders', 'cost_amount_local', 'cost_amount'),
    ('fct_deals', 'amount_local', 'amount'),
    ('fct_costs', 'amount_local', 'amount'),
    ('fct_email_sends', 'revenue_local', 'revenue'),
] %}
with rates as (
    select * from {{ ref('int_fx_rates') }}
),

-- Adding up is a fraction of the work of converting each amount once more.
sums as (
    {%- for fact, amount_local, amount in amounts %}
        select
            '{{ fact }}, {{ amount }}' as fact, currency, date_day, fx_rate, sum({{ amount_local }}) as amount_local,
            sum({{ amount }}) as amount, count({{ amount_local }}) as local_amounts, count({{ amount }}) as amounts
        from {{ ref(fact) }}
        where {{ amount_local }} is not null or {{ amount }} is not null
        group by currency, date_day, fx_rate, {{ amount_local }} < 0
        {{ 'union all' if not loop.last }}
    {%- endfor %}
),

sampled as (
    {%- for fact, amount_local, amount in amounts %}
        select
            '{{ fact }}, {{ amount }}' as fact, currency, date_day, {{ amount_local }} as amount_local,
            {{ amount }} as amount
        from {{ ref(fact) }}
        where {{ is_sampled_day('date_day') }}
        {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select sums.fact, sums.currency, sums.date_day, sums.amount_local, sums.amount, rates.fx_rate
from sums
left join rates on sums.currency = rates.currency and sums.date_day = rates.date_day
where
    sums.fx_rate is distinct from rates.fx_rate
    or sums.amounts <> case when rates.fx_rate is null then 0 else sums.local_amounts end
    or abs(
        cast(sums.amount as double) - cast(sums.amount_local as double) * cast(rates.fx_rate as double)
    ) > sums.amounts * 1e-10 + abs(cast(sums.amount as double)) * 1e-14
union all
select sampled.fact, sampled.currency, sampled.date_day, sampled.amount_local, sampled.amount, rates.fx_rate
from sampled
left join rates on sampled.currency = rates.currency and sampled.date_day = rates.date_day
where sampled.amount is distinct from {{ reporting_amount('sampled.amount_local', 'rates.fx_rate') }}
union all
select 'int_fx_rates' as fact, currency, date_day, null as amount_local, null as amount, fx_rate
from rates
where
    fx_rate_day > date_day
    or date_day > {{ days_after('fx_rate_day', 7) }}
    or (currency = '{{ var("reporting_currency") }}' and (fx_rate <> 1 or fx_rate_day <> date_day))
