-- Catches ad rows lost or doubled between the landing and fct_ad_performance, and a grain that does not add up to its
-- account. Returns account days whose sums differ from what the platform states for the account (files: whose rows
-- do), where it states anything; and those on which int_campaign_ad_days, which KPIs read, has other sums than the ads.
with stated as (
    select 'google_ads' as source, 'google_ads' as platform, account_id, date_day, impressions, clicks, spend
    from {{ ref('stg_google_ads__account_days') }}
    union all
    select 'meta_ads' as source, 'meta_ads' as platform, account_id, date_day, impressions, clicks, spend
    from {{ ref('stg_meta_ads__account_days') }}
    union all
    select
        'files' as source, platform, account_id, date_day,
        sum(impressions) as impressions, sum(clicks) as clicks, sum(spend) as spend
    from {{ ref('stg_files__ad_performance') }}
    group by platform, account_id, date_day
),

told as (
    select
        source, platform, account_id, date_day,
        sum(impressions) as impressions, sum(clicks) as clicks, sum(spend_local) as spend
    from {{ ref('fct_ad_performance') }}
    group by source, platform, account_id, date_day
),

campaigns as (
    select
        source, platform, account_id, date_day,
        sum(impressions) as impressions, sum(clicks) as clicks, sum(spend_local) as spend
    from {{ ref('int_campaign_ad_days') }}
    group by source, platform, account_id, date_day
)

select
    stated.source, stated.platform, stated.account_id, stated.date_day,
    stated.impressions, told.impressions as told_impressions,
    stated.clicks, told.clicks as told_clicks,
    stated.spend, told.spend as told_spend
from stated
left join told
    on stated.source = told.source
    and stated.platform = told.platform
    and stated.account_id = told.account_id
    and stated.date_day = told.date_day
where
    stated.date_day <= {{ mart_date() }}
    and (
        stated.impressions <> coalesce(told.impressions, 0)
        or stated.clicks <> coalesce(told.clicks, 0)
        or stated.spend <> coalesce(told.spend, 0)
    )
union all
select
    coalesce(told.source, campaigns.source) as source,
    coalesce(told.platform, campaigns.platform) as platform,
    coalesce(told.account_id, campaigns.account_id) as account_id,
    coalesce(told.date_day, campaigns.date_day) as date_day,
    told.impressions, campaigns.impressions as told_impressions,
    told.clicks, campaigns.clicks as told_clicks,
    told.spend, campaigns.spend as told_spend
from told
full outer join campaigns
    on told.source = campaigns.source
    and told.platform = campaigns.platform
    and told.account_id = campaigns.account_id
    and told.date_day = campaigns.date_day
where
    told.impressions is distinct from campaigns.impressions
    or told.clicks is distinct from campaigns.clicks
    or told.spend is distinct from campaigns.spend
