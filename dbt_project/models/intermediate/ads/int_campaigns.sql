with ad_days as (
    select * from {{ ref('fct_ad_performance') }}
),

latest_first as (
    select
        source, platform, account_id, account_name, campaign_id, campaign_name, campaign_type, channel, date_day,
        row_number() over (
            partition by source, platform, account_id, campaign_id
            order by date_day desc, campaign_name, ad_group_id, ad_id
        ) as recency
    from ad_days
),

final as (
    select
        source, platform, account_id, account_name, campaign_id, campaign_name, campaign_type, channel,
        date_day as last_day
    from latest_first
    where recency = 1
)

select * from final
