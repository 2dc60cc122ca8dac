with costs as (
    select * from {{ ref('int_costs') }}
),

rates as (
    select * from {{ ref('int_fx_rates') }}
),

final as (
    select
        costs.source,
        costs.date_day,
        costs.kind,
        costs.channel,
        costs.campaign,
        costs.currency,
        costs.amount_local,
        {{ reporting_amount('costs.amount_local', 'rates.fx_rate') }} as amount,
        rates.fx_rate,
        rates.fx_rate_day
    from costs
    left join rates on costs.currency = rates.currency and costs.date_day = rates.date_day
)

select * from final
