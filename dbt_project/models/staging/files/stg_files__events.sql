with source as (
    select * from {{ source('landed', 'files__events') }}
),

final as (
    select
        event_id,
        occurred_at,
        event_name,
        nullif(customer_id, '') as customer_id,
        nullif(email_hash, '') as email_hash,
        coalesce(channel, '') as channel,
        coalesce(campaign, '') as utm_campaign
    from source
)

select * from final
