-- Catches a grain of the ad reports that does not sum to the facts: rows lost or doubled where names, claims and
-- amounts are put together. Returns account days by report.
-- Looks at a sample of days (is_sampled_day), since what it catches is in the SQL of the reports. The rows that they
-- put together are judged on all days: each ad has one row a day (grains of fct_ad_performance and fct_ad_conversions)
-- and its platform one declared claim (assert_claims_are_declared), every one of them has a currency (the grain of the
-- account report), and ads add up to their campaigns and accounts (assert_ads_are_conserved).
with reports as (
    select
        'account' as report, source_relation as source, date_day, account_id, impressions, clicks, spend, conversions,
        conversions_value
    from {{ ref('ad_reporting__account_report') }}
    where {{ is_sampled_day('date_day') }}
    union all
    select
        'campaign' as report, source_relation as source, date_day, account_id, impressions, clicks, spend, conversions,
        conversions_value
    from {{ ref('ad_reporting__campaign_report') }}
    where {{ is_sampled_day('date_day') }}
    union all
    select
        'ad_group' as report, source_relation as source, date_day, account_id, impressions, clicks, spend, conversions,
        conversions_value
    from {{ ref('ad_reporting__ad_group_report') }}
    where {{ is_sampled_day('date_day') }}
    union all
    select
        'ad' as report, source_relation as source, date_day, account_id, impressions, clicks, spend, conversions,
        conversions_value
    from {{ ref('ad_reporting__ad_report') }}
    where {{ is_sampled_day('date_day') }}
),

facts as (
    select
        source, date_day, account_id, impressions, clicks, spend_local as spend, 0 as conversions,
        0 as conversions_value
    from {{ ref('int_campaign_ad_days') }}
    where {{ is_sampled_day('date_day') }}
    union all
    select
        source, date_day, account_id, 0 as impressions, 0 as clicks, 0 as spend, conversions,
        conversions_value_local as conversions_value
    from {{ ref('fct_ad_conversions') }}
    where is_declared and {{ is_sampled_day('date_day') }}
),

-- Added up before each report is held against them, so that they are read once.
account_days as (
    select
        source, date_day, account_id, sum(impressions) as impressions, sum(clicks) as clicks, sum(spend) as spend,
        sum(conversions) as conversions, sum(conversions_value) as conversions_value
    from facts
    group by source, date_day, account_id
),

signed as (
    select * from reports
    union all
    select
        names.report, account_days.source, account_days.date_day, account_days.account_id,
        -account_days.impressions as impressions, -account_days.clicks as clicks, -account_days.spend as spend,
        -account_days.conversions as conversions, -account_days.conversions_value as conversions_value
    from account_days
    cross join (values ('account'), ('campaign'), ('ad_group'), ('ad')) as names (report)
)

select
    report, source, date_day, account_id, sum(impressions) as impressions, sum(clicks) as clicks,
    sum(spend) as spend, sum(conversions) as conversions, sum(conversions_value) as conversions_value
from signed
group by report, source, date_day, account_id
having
    sum(impressions) <> 0 or sum(clicks) <> 0 or sum(spend) <> 0 or sum(conversions) <> 0
    or sum(conversions_value) <> 0
