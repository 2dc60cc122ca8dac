{{ config(materialized='view') }}

with campaign_days as (
    select * from {{ ref('int_campaign_days') }}
),

campaigns as (
    select * from {{ ref('int_campaigns') }}
),

final as (
    select
        campaign_days.*,
        coalesce(campaigns.account_name, '(none)') as account_name,
        coalesce(campaigns.campaign_name, '(none)') as campaign_name,
        {{ ratio('platform_conversions', 'true_conversions') }} as overclaim_ratio,
        {{ ratio('clicks', 'impressions') }} as ctr,
        {{ ratio('spend', 'clicks') }} as cpc,
        {{ ratio('1000 * spend', 'impressions') }} as cpm,
        {{ ratio('spend', 'leads') }} as cpl,
        {{ ratio('spend', 'orders') }} as cpa,
        {{ ratio('spend', 'new_customers') }} as cac,
        {{ ratio('orders', 'sessions') }} as conversion_rate,
        {{ ratio('net_revenue', 'spend') }} as roas,
        {{ ratio('platform_conversions_value', 'spend') }} as roas_platform,
        {{ ratio('margin - spend', 'spend') }} as roi
    from campaign_days
    left join campaigns
        on campaign_days.source = campaigns.source
        and campaign_days.platform = campaigns.platform
        and campaign_days.account_id = campaigns.account_id
        and campaign_days.campaign_id = campaigns.campaign_id
)

select * from final
