with costs as (
    select * from {{ ref('stg_files__costs') }}
),

rates as (
    select * from {{ ref('int_fx_rates') }}
),

final as (
    select
        'files' as source,
        costs.date_day,
        costs.kind,
        costs.channel,
        costs.campaign,
        costs.currency,
        {{ local_amount('costs.amount') }} as amount_local,
        {{ reporting_amount(local_amount('costs.amount'), 'rates.fx_rate') }} as amount,
        rates.fx_rate,
        rates.fx_rate_day
    from costs
    left join rates on costs.currency = rates.currency and costs.date_day = rates.date_day
    where costs.date_day <= {{ mart_date() }}
)

select * from final
