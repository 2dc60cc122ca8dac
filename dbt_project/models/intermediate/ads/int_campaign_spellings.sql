-- Every text that means a campaign in a utm_campaign: its id, what the links of its ads say, and the names that its
-- platform told of it. A link's placeholder that only the platform can fill in is no text yet.
with ad_days as (
    select * from {{ ref('int_campaign_ad_days') }}
    where campaign_id <> '(unallocated)'
),

urls as (
    select * from {{ ref('int_ad_urls') }}
),

campaigns as (
    select
        channel, source, platform, account_id, campaign_id,
        min(date_day) as first_day, max(date_day) as last_day
    from ad_days
    group by channel, source, platform, account_id, campaign_id
),

links as (
    select distinct source, platform, account_id, campaign_id, utm_campaign
    from urls
    where utm_campaign <> '' and strpos(utm_campaign, '{{ '{' }}') = 0
),

spelled as (
    select
        channel, source, platform, account_id, campaign_id,
        campaign_id as spelling, 1 as preference, first_day, last_day
    from campaigns
    union all
    select
        campaigns.channel, campaigns.source, campaigns.platform, campaigns.account_id, campaigns.campaign_id,
        links.utm_campaign as spelling, 2 as preference, campaigns.first_day, campaigns.last_day
    from campaigns
    inner join links
        on campaigns.source = links.source
        and campaigns.platform = links.platform
        and campaigns.account_id = links.account_id
        and campaigns.campaign_id = links.campaign_id
    union all
    select
        channel, source, platform, account_id, campaign_id,
        campaign_name as spelling, 3 as preference, min(date_day) as first_day, max(date_day) as last_day
    from ad_days
    group by channel, source, platform, account_id, campaign_id, campaign_name
),

final as (
    select
        channel, source, platform, account_id, campaign_id, spelling,
        {{ campaign_key('spelling') }} as campaign_key,
        min(preference) as preference, min(first_day) as first_day, max(last_day) as last_day
    from spelled
    where {{ campaign_key('spelling') }} <> ''
    group by channel, source, platform, account_id, campaign_id, spelling
)

select * from final
