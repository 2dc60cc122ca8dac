-- Catches plans, costs and claims that vanish, or stand in a fact and in quarantine as well: what landed is accepted or
-- in quarantine, to the row and to the last decimal.
with landed as (
    select 'costs' as entity, count(*) as row_count, sum(amount) as amount
    from {{ ref('stg_files__costs') }}
    where date_day <= {{ mart_date() }}
    union all
    select 'budgets' as entity, count(*) as row_count, sum(amount) as amount
    from {{ ref('stg_files__budgets') }}
    union all
    select 'targets' as entity, count(*) as row_count, null as amount
    from {{ ref('stg_files__targets') }}
    where month <= {{ mart_date() }} and last_day(month) >= {{ kpi_start() }}
    union all
    select 'ad_conversions' as entity, null as row_count, sum(claimed_value) as amount
    from {{ ref('int_quarantine_shares') }}
),

told_rows as (
    select 'costs' as entity, amount_local as amount from {{ ref('fct_costs') }}
    union all
    select 'budgets' as entity, amount_local as amount from {{ ref('int_budgets') }}
    union all
    select 'targets' as entity, null as amount from {{ ref('kpi_targets') }}
    union all
    select 'ad_conversions' as entity, conversions_value_local as amount from {{ ref('fct_ad_conversions') }}
    union all
    select
        case when stream in ('costs', 'budgets', 'targets') then stream else 'ad_conversions' end as entity,
        amount_local as amount
    from {{ ref('quarantine') }}
    where
        stream not in ('orders', 'deals', 'email_campaigns', 'promotions')
        and (stream <> 'targets' or (date_day <= {{ mart_date() }} and last_day(date_day) >= {{ kpi_start() }}))
),

told as (
    select entity, count(*) as row_count, sum(amount) as amount
    from told_rows
    group by entity
)

select landed.entity, landed.row_count, told.row_count as told_rows, landed.amount, told.amount as told_amount
from landed
left join told on landed.entity = told.entity
where
    landed.row_count <> coalesce(told.row_count, 0)
    or coalesce(landed.amount, 0) <> coalesce(told.amount, 0)
