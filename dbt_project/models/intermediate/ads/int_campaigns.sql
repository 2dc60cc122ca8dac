with ad_days as (
    select * from {{ ref('fct_ad_performance') }}
),

campaign_days as (
    select * from {{ ref('int_campaign_ad_days') }}
),

last_days as (
    select source, platform, account_id, campaign_id, max(date_day) as last_day
    from campaign_days
    group by source, platform, account_id, campaign_id
),

-- Of a campaign's last day, so that few ads are put in order.
latest_first as (
    select
        ad_days.source, ad_days.platform, ad_days.account_id, ad_days.account_name, ad_days.campaign_id,
        ad_days.campaign_name, ad_days.campaign_type, ad_days.channel, ad_days.date_day,
        row_number() over (
            partition by ad_days.source, ad_days.platform, ad_days.account_id, ad_days.campaign_id
            order by ad_days.campaign_name, ad_days.ad_group_id, ad_days.ad_id
        ) as recency
    from ad_days
    inner join last_days
        on ad_days.source = last_days.source
        and ad_days.platform = last_days.platform
        and ad_days.account_id = last_days.account_id
        and ad_days.campaign_id = last_days.campaign_id
        and ad_days.date_day = last_days.last_day
),

final as (
    select
        source, platform, account_id, account_name, campaign_id, campaign_name, campaign_type, channel,
        date_day as last_day
    from latest_first
    where recency = 1
)

select * from final
