-- Catches KPI tables that disagree: the channels of a day must add up to kpi_daily, the campaigns of a day and
-- channel to kpi_channel_daily, for every measure.
with days as (
    select
        date_day,
        sum(spend) as spend,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(sessions) as sessions,
        sum(leads) as leads,
        sum(mqls) as mqls,
        sum(sqls) as sqls,
        sum(opportunities) as opportunities,
        sum(won_deals) as won_deals,
        sum(orders) as orders,
        sum(new_customers) as new_customers,
        sum(net_revenue) as net_revenue
    from {{ ref('kpi_channel_daily') }}
    group by date_day
),

channels as (
    select
        date_day, channel,
        sum(spend) as spend,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(sessions) as sessions,
        sum(engaged_sessions) as engaged_sessions,
        sum(leads) as leads,
        sum(mqls) as mqls,
        sum(sqls) as sqls,
        sum(opportunities) as opportunities,
        sum(won_deals) as won_deals,
        sum(orders) as orders,
        sum(new_customers) as new_customers,
        sum(net_revenue) as net_revenue,
        sum(margin) as margin,
        sum(platform_conversions) as platform_conversions,
        sum(platform_conversions_value) as platform_conversions_value,
        sum(orders_without_cost) as orders_without_cost
    from {{ ref('kpi_campaign_daily') }}
    group by date_day, channel
)

select kpi_daily.date_day, null as channel
from {{ ref('kpi_daily') }} as kpi_daily
full outer join days on kpi_daily.date_day = days.date_day
where
    kpi_daily.date_day is null
    or kpi_daily.spend <> coalesce(days.spend, 0)
    or kpi_daily.impressions <> coalesce(days.impressions, 0)
    or kpi_daily.clicks <> coalesce(days.clicks, 0)
    or kpi_daily.sessions <> coalesce(days.sessions, 0)
    or kpi_daily.leads <> coalesce(days.leads, 0)
    or kpi_daily.mqls <> coalesce(days.mqls, 0)
    or kpi_daily.sqls <> coalesce(days.sqls, 0)
    or kpi_daily.opportunities <> coalesce(days.opportunities, 0)
    or kpi_daily.won_deals <> coalesce(days.won_deals, 0)
    or kpi_daily.orders <> coalesce(days.orders, 0)
    or kpi_daily.new_customers <> coalesce(days.new_customers, 0)
    or kpi_daily.net_revenue <> coalesce(days.net_revenue, 0)
union all
select kpi_channel_daily.date_day, kpi_channel_daily.channel
from {{ ref('kpi_channel_daily') }} as kpi_channel_daily
full outer join channels
    on kpi_channel_daily.date_day = channels.date_day and kpi_channel_daily.channel = channels.channel
where
    kpi_channel_daily.date_day is null
    or kpi_channel_daily.spend is distinct from channels.spend
    or kpi_channel_daily.impressions is distinct from channels.impressions
    or kpi_channel_daily.clicks is distinct from channels.clicks
    or kpi_channel_daily.sessions is distinct from channels.sessions
    or kpi_channel_daily.engaged_sessions is distinct from channels.engaged_sessions
    or kpi_channel_daily.leads is distinct from channels.leads
    or kpi_channel_daily.mqls is distinct from channels.mqls
    or kpi_channel_daily.sqls is distinct from channels.sqls
    or kpi_channel_daily.opportunities is distinct from channels.opportunities
    or kpi_channel_daily.won_deals is distinct from channels.won_deals
    or kpi_channel_daily.orders is distinct from channels.orders
    or kpi_channel_daily.new_customers is distinct from channels.new_customers
    or kpi_channel_daily.net_revenue is distinct from channels.net_revenue
    or kpi_channel_daily.margin is distinct from channels.margin
    or kpi_channel_daily.platform_conversions is distinct from channels.platform_conversions
    or kpi_channel_daily.platform_conversions_value is distinct from channels.platform_conversions_value
    or kpi_channel_daily.orders_without_cost is distinct from channels.orders_without_cost
