-- What visits came with and the channel that it means. There are few, so the rules are worked out once for each, and
-- not for each visit; and visits keep a number instead of six texts.
with tracker_visits as (
    select * from {{ ref('stg_files__sessions') }}
    where {{ up_to_mart_date('started_at') }}
),

shop_visits as (
    select * from {{ ref('stg_shopify__visits') }}
    where {{ up_to_mart_date('occurred_at') }}
),

categories as (
    select * from {{ ref('source_categories') }}
),

unioned as (
    select distinct 'files' as source, utm_source, utm_medium, utm_campaign, utm_content, utm_term from tracker_visits
    union all
    select distinct 'shopify' as source, utm_source, utm_medium, utm_campaign, utm_content, utm_term from shop_visits
),

final as (
    select
        {{ narrow_hash(
            "unioned.source || chr(31) || unioned.utm_source || chr(31) || unioned.utm_medium || chr(31)"
            " || unioned.utm_campaign || chr(31) || unioned.utm_content || chr(31) || unioned.utm_term"
        ) }} as origin_id,
        unioned.source, unioned.utm_source, unioned.utm_medium, unioned.utm_campaign, unioned.utm_content,
        unioned.utm_term,
        {{ channel_group(
            'unioned.utm_source', 'unioned.utm_medium', 'unioned.utm_campaign', 'categories.category'
        ) }} as channel
    from unioned
    left join categories on lower(unioned.utm_source) = categories.source
)

select * from final
