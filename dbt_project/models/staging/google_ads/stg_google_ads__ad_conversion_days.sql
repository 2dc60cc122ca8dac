with source as (
    select * from {{ source('landed', 'google_ads__ad_conversions') }}
),

final as (
    select
        date_day,
        account_id,
        account_name,
        upper(currency) as currency,
        campaign_id,
        campaign_name,
        ad_group_id,
        ad_group_name,
        ad_id,
        ad_name,
        lower(conversion_action_category) as conversion_type,
        conversions,
        conversions_value
    from source
)

select * from final
