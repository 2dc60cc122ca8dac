with source as (
    select * from {{ source('landed', 'shopify__orders') }}
),

visits as (
    select
        order_id,
        {{ explode('visits') }} as visit
    from source
),

final as (
    select
        order_id,
        visit.visit_id,
        visit.occurred_at,
        coalesce(visit.source, '') as utm_source,
        coalesce(visit.medium, '') as utm_medium,
        coalesce(visit.campaign, '') as utm_campaign,
        coalesce(visit.content, '') as utm_content,
        coalesce(visit.term, '') as utm_term,
        {{ first_match('visit.landing_url', '[?&](?:gclid|dclid|fbclid|msclkid|ttclid|twclid|li_fat_id)=([^&#]+)') }}
            as click_id
    from visits
)

select * from final
