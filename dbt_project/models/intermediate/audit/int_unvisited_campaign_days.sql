-- Campaigns that were paid for and clicked on although no visit of the 7 days up to the day names them: their links
-- lack a utm_campaign, or have another's. Only on days on which the tracker saw anybody; the shop's own visits are
-- those that led to orders, so they prove nothing.
with ad_performance as (
    select * from {{ ref('int_campaign_ad_days') }}
    where campaign_id <> '(unallocated)' and date_day >= {{ kpi_start() }}
),

visit_days as (
    select * from {{ ref('int_paid_visit_days') }}
),

tracked_days as (
    select distinct date_day from {{ ref('int_visit_days') }} where source = 'files'
),

unioned as (
    select
        date_day, channel, source, platform, account_id, campaign_id, spend, clicks, 0 as sessions
    from ad_performance
    union all
    select
        date_day, channel, source, platform, account_id, campaign_id, 0 as spend, 0 as clicks, sessions
    from visit_days
    where campaign_id <> '(none)'
),

campaign_days as (
    select
        date_day, channel, source, platform, account_id, campaign_id,
        sum(spend) as spend, sum(clicks) as clicks, sum(sessions) as sessions
    from unioned
    group by date_day, channel, source, platform, account_id, campaign_id
),

with_week as (
    select
        *,
        sum(clicks) over week as clicks_of_week,
        sum(sessions) over week as sessions_of_week
    from campaign_days
    window week as (
        partition by channel, source, platform, account_id, campaign_id
        order by date_day range between interval 6 day preceding and current row
    )
),

final as (
    select
        with_week.date_day, with_week.channel, with_week.source, with_week.platform, with_week.account_id,
        with_week.campaign_id,
        cast(with_week.spend as decimal(38, 10)) as spend,
        cast(with_week.clicks as bigint) as clicks
    from with_week
    inner join tracked_days on with_week.date_day = tracked_days.date_day
    where with_week.spend > 0 and with_week.clicks_of_week > 0 and with_week.sessions_of_week = 0
)

select * from final
