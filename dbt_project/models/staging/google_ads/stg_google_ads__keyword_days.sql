with source as (
    select * from {{ source('landed', 'google_ads__keywords') }}
),

final as (
    select
        date_day,
        account_id,
        account_name,
        upper(currency) as currency,
        campaign_id,
        campaign_name,
        lower(advertising_channel_type) as campaign_type,
        ad_group_id,
        ad_group_name,
        keyword_id,
        keyword_text,
        lower(keyword_match_type) as match_type,
        impressions,
        clicks,
        {{ from_micros('cost_micros') }} as spend
    from source
)

select * from final
