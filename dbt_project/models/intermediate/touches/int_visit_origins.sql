-- What visits came with and the channel that it means. There are few, so the rules are worked out once for each, and
-- not for each visit.
with tracker_visits as (
    select * from {{ ref('stg_files__sessions') }}
),

shop_visits as (
    select * from {{ ref('stg_shopify__visits') }}
),

categories as (
    select * from {{ ref('source_categories') }}
),

origins as (
    select utm_source, utm_medium, utm_campaign from tracker_visits
    union
    select utm_source, utm_medium, utm_campaign from shop_visits
),

final as (
    select
        origins.utm_source, origins.utm_medium, origins.utm_campaign,
        {{ channel_group('origins.utm_source', 'origins.utm_medium', 'origins.utm_campaign', 'categories.category') }}
            as channel
    from origins
    left join categories on lower(origins.utm_source) = categories.source
)

select * from final
