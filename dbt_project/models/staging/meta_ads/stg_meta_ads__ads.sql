with source as (
    select * from {{ source('landed', 'meta_ads__ads') }}
),

final as (
    select
        account_id,
        campaign_id,
        ad_group_id,
        ad_id,
        ad_name,
        lower(status) as status,
        updated_at,
        urls,
        nullif(url_tags, '') as url_parameters
    from source
)

select * from final
