-- What keeps spend and visits apart: links that name no campaign, or not as it is called, and campaigns that nobody is
-- seen to come from.
with visit_days as (
    select * from {{ ref('int_paid_visit_days') }}
    where finding is not null
),

unvisited as (
    select * from {{ ref('int_unvisited_campaign_days') }}
),

campaigns as (
    select * from {{ ref('int_campaigns') }}
),

unioned as (
    select
        date_day, finding, channel, source, platform, account_id, campaign_id, utm_campaign,
        sessions, cast(null as decimal(38, 10)) as spend, cast(null as bigint) as clicks
    from visit_days
    union all
    select
        date_day, 'spend_without_sessions' as finding, channel, source, platform, account_id, campaign_id,
        '' as utm_campaign, 0 as sessions, spend, clicks
    from unvisited
),

final as (
    select
        unioned.date_day,
        unioned.finding,
        unioned.channel,
        unioned.source,
        unioned.platform,
        unioned.account_id,
        unioned.campaign_id,
        coalesce(campaigns.campaign_name, '(none)') as campaign_name,
        unioned.utm_campaign,
        cast(unioned.sessions as bigint) as sessions,
        unioned.spend,
        unioned.clicks
    from unioned
    left join campaigns
        on unioned.source = campaigns.source
        and unioned.platform = campaigns.platform
        and unioned.account_id = campaigns.account_id
        and unioned.campaign_id = campaigns.campaign_id
)

select * from final
