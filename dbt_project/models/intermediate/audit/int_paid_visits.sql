-- Visits by paid channels, counted. A channel of the business's own is paid for where there is spend in it.
with sessions as (
    select * from {{ ref('int_visit_days') }}
    where date_day >= {{ kpi_start() }}
),

channels as (
    select * from {{ ref('dim_channel') }}
),

spending as (
    select distinct channel from {{ ref('dim_ad_state') }}
),

paid as (
    select channels.channel, spending.channel is not null as has_spend
    from channels
    left join spending on channels.channel = spending.channel
    where coalesce(channels.is_paid, spending.channel is not null)
),

final as (
    select
        sessions.date_day, sessions.channel, paid.has_spend, sessions.utm_campaign,
        {{ campaign_key('sessions.utm_campaign') }} as campaign_key,
        cast(sum(sessions.sessions) as bigint) as sessions
    from sessions
    inner join paid on sessions.channel = paid.channel
    group by sessions.date_day, sessions.channel, paid.has_spend, sessions.utm_campaign
)

select * from final
