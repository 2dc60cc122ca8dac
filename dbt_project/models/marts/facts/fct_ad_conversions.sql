with claims as (
    select * from {{ ref('int_ad_conversions') }}
),

campaigns as (
    select * from {{ ref('int_campaigns') }}
),

rates as (
    select * from {{ ref('int_fx_rates') }}
),

final as (
    select
        claims.source,
        claims.date_day,
        claims.platform,
        claims.account_id,
        claims.account_name,
        claims.campaign_id,
        claims.campaign_name,
        claims.ad_group_id,
        claims.ad_group_name,
        claims.ad_id,
        claims.ad_name,
        claims.conversion_type,
        claims.attribution_window,
        {{ is_declared_claim('claims.source', 'claims.conversion_type', 'claims.attribution_window') }}
            as is_declared,
        coalesce(campaigns.channel, 'Paid Other') as channel,
        claims.conversions,
        claims.currency,
        claims.conversions_value_local,
        {{ reporting_amount('claims.conversions_value_local', 'rates.fx_rate') }} as conversions_value,
        rates.fx_rate,
        rates.fx_rate_day
    from claims
    left join campaigns
        on claims.source = campaigns.source
        and claims.platform = campaigns.platform
        and claims.account_id = campaigns.account_id
        and claims.campaign_id = campaigns.campaign_id
    left join rates on claims.currency = rates.currency and claims.date_day = rates.date_day
)

select * from final
