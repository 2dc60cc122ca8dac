with source as (
    select * from {{ source('landed', 'files__contacts') }}
),

final as (
    select
        contact_id,
        created_at,
        nullif(email_hash, '') as email_hash,
        nullif(phone_hash, '') as phone_hash,
        lifecycle_stage,
        lead_at,
        mql_at,
        sql_at,
        coalesce(source, '') as utm_source,
        coalesce(medium, '') as utm_medium,
        coalesce(campaign, '') as utm_campaign
    from source
)

select * from final
