with days as (
    select * from {{ ref('stg_google_ads__country_days') }}
),

countries as (
    select * from {{ ref('stg_google_ads__countries') }}
),

rates as (
    select * from {{ ref('int_fx_rates') }}
),

final as (
    select
        'google_ads' as source,
        days.date_day,
        'google_ads' as platform,
        days.account_id,
        days.account_name,
        days.campaign_id,
        days.campaign_name,
        days.campaign_type,
        days.country_id,
        countries.country_code,
        countries.country_name,
        days.is_targeted,
        days.impressions,
        days.clicks,
        days.currency,
        {{ local_amount('days.spend') }} as spend_local,
        {{ reporting_amount('days.spend', 'rates.fx_rate') }} as spend,
        rates.fx_rate,
        rates.fx_rate_day
    from days
    left join countries on days.country_id = countries.country_id
    left join rates on days.currency = rates.currency and days.date_day = rates.date_day
    where days.date_day <= {{ mart_date() }}
)

select * from final
