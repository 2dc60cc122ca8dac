with ad_days as (
    select * from {{ ref('int_ad_days') }}
),

states as (
    select * from {{ ref('dim_ad_state') }}
),

rates as (
    select * from {{ ref('int_fx_rates') }}
),

final as (
    select
        states.ad_state_id,
        ad_days.date_day,
        ad_days.impressions,
        ad_days.clicks,
        ad_days.spend_local,
        {{ reporting_amount('ad_days.spend_local', 'rates.fx_rate') }} as spend,
        rates.fx_rate,
        rates.fx_rate_day
    from ad_days
    inner join states on {{ is_ad_state('ad_days', 'states') }}
    left join rates on ad_days.currency = rates.currency and ad_days.date_day = rates.date_day
)

select * from final
