with ad_days as (
    select * from {{ ref('int_ad_days') }}
),

rates as (
    select * from {{ ref('int_fx_rates') }}
),

final as (
    select
        ad_days.source,
        ad_days.date_day,
        ad_days.platform,
        ad_days.account_id,
        ad_days.account_name,
        ad_days.campaign_id,
        ad_days.campaign_name,
        ad_days.campaign_type,
        ad_days.ad_group_id,
        ad_days.ad_group_name,
        ad_days.ad_id,
        ad_days.ad_name,
        ad_days.channel,
        ad_days.impressions,
        ad_days.clicks,
        ad_days.currency,
        ad_days.spend_local,
        {{ reporting_amount('ad_days.spend_local', 'rates.fx_rate') }} as spend,
        rates.fx_rate,
        rates.fx_rate_day
    from ad_days
    left join rates on ad_days.currency = rates.currency and ad_days.date_day = rates.date_day
)

select * from final
