-- Amounts that could not be converted. Any row here is an error: the gate over the mart stops on it.
with amount_days as (
    select * from {{ ref('int_amount_days') }}
),

rates as (
    select * from {{ ref('int_fx_rates') }}
),

final as (
    select
        amount_days.source,
        amount_days.entity,
        amount_days.currency,
        amount_days.date_day,
        amount_days.row_count as rows
    from amount_days
    left join rates
        on amount_days.currency = rates.currency and amount_days.date_day = rates.date_day
    where rates.fx_rate is null
)

select * from final
