-- Sums of int_campaign_days, then ratios of those sums.
with campaign_days as (
    select * from {{ ref('int_campaign_days') }}
),

channel_days as (
    select
        date_day,
        channel,
        cast(sum(spend) as decimal(38, 10)) as spend,
        cast(sum(impressions) as bigint) as impressions,
        cast(sum(clicks) as bigint) as clicks,
        cast(sum(platform_conversions) as decimal(38, 6)) as platform_conversions,
        cast(sum(platform_conversions_value) as decimal(38, 10)) as platform_conversions_value,
        cast(sum(true_conversions) as bigint) as true_conversions,
        cast(sum(sessions) as bigint) as sessions,
        cast(sum(engaged_sessions) as bigint) as engaged_sessions,
        cast(sum(leads) as bigint) as leads,
        cast(sum(mqls) as bigint) as mqls,
        cast(sum(sqls) as bigint) as sqls,
        cast(sum(opportunities) as bigint) as opportunities,
        cast(sum(won_deals) as bigint) as won_deals,
        cast(sum(orders) as bigint) as orders,
        cast(sum(new_customers) as bigint) as new_customers,
        cast(sum(net_revenue) as decimal(38, 10)) as net_revenue,
        cast(sum(margin) as decimal(38, 10)) as margin,
        cast(sum(orders_without_cost) as bigint) as orders_without_cost
    from campaign_days
    group by date_day, channel
),

final as (
    select
        date_day,
        channel,
        spend,
        impressions,
        clicks,
        platform_conversions,
        platform_conversions_value,
        true_conversions,
        sessions,
        engaged_sessions,
        leads,
        mqls,
        sqls,
        opportunities,
        won_deals,
        orders,
        new_customers,
        net_revenue,
        margin,
        orders_without_cost,
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
    from channel_days
)

select * from final
