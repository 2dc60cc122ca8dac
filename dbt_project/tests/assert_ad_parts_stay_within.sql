-- Catches a report in part (keywords, search terms, URLs by ad group, countries by campaign) that has more than what it
-- is a part of. A warning: a platform that restates a day between two reads looks the same, until the next run. Claims
-- are fractions that land with six digits, so parts may exceed by one in the last of each.
{{ config(severity='warn') }}

-- Performance Max: search terms are the campaign's, in its row without an ad group.
with parts_of_ad_groups as (
    select
        'keyword' as part, source_relation as source, date_day, account_id, campaign_id, ad_group_id,
        impressions, clicks, spend, conversions
    from {{ ref('ad_reporting__keyword_report') }}
    union all
    select
        'search' as part, source_relation as source, date_day, account_id, campaign_id, ad_group_id,
        impressions, clicks, spend, conversions
    from {{ ref('ad_reporting__search_report') }}
    union all
    select
        'url' as part, source_relation as source, date_day, account_id, campaign_id, ad_group_id,
        impressions, clicks, spend, conversions
    from {{ ref('ad_reporting__url_report') }}
    union all
    select
        'country' as part, source, date_day, account_id, campaign_id, '(campaign)' as ad_group_id,
        impressions, clicks, spend_local as spend, cast(null as decimal(38, 6)) as conversions
    from {{ ref('fct_ad_countries') }}
),

parts as (
    select
        part, source, date_day, account_id, campaign_id, ad_group_id,
        sum(impressions) as impressions, sum(clicks) as clicks, sum(spend) as spend,
        sum(conversions) as conversions, count(*) as row_count
    from parts_of_ad_groups
    group by part, source, date_day, account_id, campaign_id, ad_group_id
),

campaigns as (
    select distinct source, date_day, account_id, campaign_id from parts
),

-- Read once for both, and only where something is a part of it.
limits as (
    select
        ads.source_relation as source, ads.date_day, ads.account_id, ads.campaign_id,
        coalesce(ads.ad_group_id, '(campaign)') as ad_group_id,
        sum(ads.impressions) as impressions, sum(ads.clicks) as clicks, sum(ads.spend) as spend,
        sum(ads.conversions) as conversions
    from {{ ref('ad_reporting__ad_report') }} as ads
    inner join campaigns
        on ads.source_relation = campaigns.source
        and ads.date_day = campaigns.date_day
        and ads.account_id = campaigns.account_id
        and ads.campaign_id = campaigns.campaign_id
    group by grouping sets (
        (ads.source_relation, ads.date_day, ads.account_id, ads.campaign_id, ads.ad_group_id),
        (ads.source_relation, ads.date_day, ads.account_id, ads.campaign_id)
    )
)

select
    parts.part, parts.date_day, parts.account_id, parts.campaign_id, parts.ad_group_id,
    parts.impressions, limits.impressions as most_impressions, parts.clicks, limits.clicks as most_clicks,
    parts.spend, limits.spend as most_spend, parts.conversions, limits.conversions as most_conversions
from parts
left join limits
    on parts.source = limits.source
    and parts.date_day = limits.date_day
    and parts.account_id = limits.account_id
    and parts.campaign_id = limits.campaign_id
    and parts.ad_group_id = limits.ad_group_id
where
    parts.impressions > coalesce(limits.impressions, 0)
    or parts.clicks > coalesce(limits.clicks, 0)
    or parts.spend > coalesce(limits.spend, 0)
    or parts.conversions > coalesce(limits.conversions, 0) + parts.row_count * 0.000001
