with source as (
    select * from {{ source('landed', 'google_ads__conversions') }}
),

final as (
    select
        date_day,
        account_id,
        account_name,
        upper(currency) as currency,
        campaign_id,
        campaign_name,
        conversion_action,
        conversion_action_name,
        lower(conversion_action_category) as conversion_type,
        conversions,
        conversions_value
    from source
)

select * from final
