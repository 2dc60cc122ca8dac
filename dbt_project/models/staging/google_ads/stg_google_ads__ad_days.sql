with source as (
    select * from {{ source('landed', 'google_ads__ad_performance') }}
),

final as (
    select
        date_day,
        account_id,
        account_name,
        upper(currency) as currency,
        campaign_id,
        {{ todays_name('campaign_name', 'account_id, campaign_id') }} as campaign_name,
        lower(advertising_channel_type) as campaign_type,
        ad_group_id,
        {{ todays_name('ad_group_name', 'account_id, ad_group_id') }} as ad_group_name,
        ad_id,
        {{ todays_name('ad_name', 'account_id, ad_group_id, ad_id') }} as ad_name,
        impressions,
        clicks,
        {{ from_micros('cost_micros') }} as spend
    from source
)

select * from final
