-- What Google tells of a campaign beyond its ads: all of Performance Max, and whatever an ad report leaves out.
with campaign_days as (
    select * from {{ ref('stg_google_ads__campaign_days') }}
),

ad_days as (
    select * from {{ ref('int_ad_days_summed') }}
),

ads_of_campaign as (
    select
        date_day, account_id, campaign_id,
        sum(impressions) as impressions, sum(clicks) as clicks, sum(spend_local) as spend_local
    from ad_days
    where source = 'google_ads'
    group by date_day, account_id, campaign_id
),

gaps as (
    select
        campaign_days.date_day, campaign_days.account_id, campaign_days.account_name, campaign_days.currency,
        campaign_days.campaign_id, campaign_days.campaign_name, campaign_days.campaign_type,
        campaign_days.impressions - coalesce(ads_of_campaign.impressions, 0) as impressions,
        campaign_days.clicks - coalesce(ads_of_campaign.clicks, 0) as clicks,
        campaign_days.spend - coalesce(ads_of_campaign.spend_local, 0) as spend_local
    from campaign_days
    left join ads_of_campaign
        on campaign_days.date_day = ads_of_campaign.date_day
        and campaign_days.account_id = ads_of_campaign.account_id
        and campaign_days.campaign_id = ads_of_campaign.campaign_id
    where campaign_days.date_day <= {{ mart_date() }}
),

final as (
    select
        'google_ads' as source, 'google_ads' as platform, date_day, account_id, account_name, currency,
        campaign_id, campaign_name, campaign_type, cast(null as varchar) as row_channel,
        '(unallocated)' as ad_group_id, '(unallocated)' as ad_group_name,
        '(unallocated)' as ad_id, '(unallocated)' as ad_name,
        cast(impressions as bigint) as impressions,
        cast(clicks as bigint) as clicks,
        {{ local_amount('spend_local') }} as spend_local
    from gaps
    where impressions <> 0 or clicks <> 0 or spend_local <> 0
)

select * from final
