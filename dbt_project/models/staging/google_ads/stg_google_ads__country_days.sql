with source as (
    select * from {{ source('landed', 'google_ads__user_locations') }}
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
        country_id,
        is_targeted,
        impressions,
        clicks,
        {{ from_micros('cost_micros') }} as spend
    from source
)

select * from final
