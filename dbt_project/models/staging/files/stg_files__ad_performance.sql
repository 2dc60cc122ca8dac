with source as (
    select * from {{ source('landed', 'files__ad_performance') }}
),

final as (
    select
        date_day,
        lower(platform) as platform,
        account_id,
        account_name,
        campaign_id,
        campaign_name,
        nullif(channel, '') as channel,
        nullif(ad_group_id, '') as ad_group_id,
        nullif(ad_group_name, '') as ad_group_name,
        nullif(ad_id, '') as ad_id,
        nullif(ad_name, '') as ad_name,
        upper(currency) as currency,
        impressions,
        clicks,
        spend,
        conversions,
        conversions_value
    from source
)

select * from final
