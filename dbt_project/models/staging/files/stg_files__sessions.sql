with source as (
    select * from {{ source('landed', 'files__sessions') }}
),

final as (
    select
        session_id,
        nullif(visitor_id, '') as visitor_id,
        started_at,
        nullif(customer_id, '') as customer_id,
        nullif(email_hash, '') as email_hash,
        coalesce(source, '') as utm_source,
        coalesce(medium, '') as utm_medium,
        coalesce(campaign, '') as utm_campaign,
        coalesce(content, '') as utm_content,
        coalesce(term, '') as utm_term,
        nullif(click_id, '') as click_id,
        pageviews,
        is_engaged
    from source
)

select * from final
