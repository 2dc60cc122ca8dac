with source as (
    select * from {{ source('landed', 'meta_ads__ad_insights') }}
),

final as (
    select
        date_day,
        account_id,
        account_name,
        upper(currency) as currency,
        campaign_id,
        campaign_name,
        lower(objective) as campaign_type,
        ad_group_id,
        ad_group_name,
        ad_id,
        ad_name,
        impressions,
        clicks,
        spend
    from source
)

select * from final
