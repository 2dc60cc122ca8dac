with source as (
    select * from {{ source('landed', 'hubspot__emails') }}
),

final as (
    select
        campaign_id,
        updated_at,
        campaign_name,
        email_type
    from source
)

select * from final
