-- Catches a campaign whose ads and (unallocated) rows are not what the platform states for it, and KPIs of a platform
-- that are not the sum of its accounts. Returns the sums that differ. That accounts are as stated is
-- assert_ads_are_conserved.
with campaigns_stated as (
    select account_id, campaign_id, date_day, impressions, clicks, spend
    from {{ ref('stg_google_ads__campaign_days') }}
    where date_day <= {{ mart_date() }}
),

campaigns_told as (
    select
        account_id, campaign_id, date_day,
        sum(impressions) as impressions, sum(clicks) as clicks, sum(spend_local) as spend
    from {{ ref('int_campaign_ad_days') }}
    where source = 'google_ads' and campaign_id <> '(unallocated)'
    group by account_id, campaign_id, date_day
),

accounts as (
    select
        source, platform, account_id, date_day,
        sum(impressions) as impressions, sum(clicks) as clicks, sum(spend) as spend
    from {{ ref('int_campaign_ad_days') }}
    where date_day >= {{ kpi_start() }} and date_day <= {{ mart_date() }}
    group by source, platform, account_id, date_day
),

accounts_of_kpis as (
    select
        source, platform, account_id, date_day,
        sum(impressions) as impressions, sum(clicks) as clicks, sum(spend) as spend
    from {{ ref('kpi_campaign_daily') }}
    group by source, platform, account_id, date_day
)

select
    'campaign' as grain, stated.account_id, stated.campaign_id, stated.date_day,
    stated.spend as expected, told.spend as told
from campaigns_stated as stated
left join campaigns_told as told
    on stated.account_id = told.account_id
    and stated.campaign_id = told.campaign_id
    and stated.date_day = told.date_day
where
    stated.impressions <> coalesce(told.impressions, 0)
    or stated.clicks <> coalesce(told.clicks, 0)
    or stated.spend <> coalesce(told.spend, 0)
union all
select
    'account' as grain, accounts.account_id, null as campaign_id, accounts.date_day,
    accounts.spend as expected, kpis.spend as told
from accounts
left join accounts_of_kpis as kpis
    on accounts.source = kpis.source
    and accounts.platform = kpis.platform
    and accounts.account_id = kpis.account_id
    and accounts.date_day = kpis.date_day
where
    accounts.impressions is distinct from kpis.impressions
    or accounts.clicks is distinct from kpis.clicks
    or coalesce(accounts.spend, 0) is distinct from kpis.spend
