-- Where an ad has several URLs (a carousel's cards, assets to choose from) the platform doesn't tell which was clicked:
-- what they have in common stays, the rest is (several).
with urls as (
    select * from {{ ref('int_ad_urls') }}
),

final as (
    select
        source,
        platform,
        account_id,
        campaign_id,
        ad_group_id,
        ad_id,
        count(*) as url_count,
        {{ one_or_several('base_url') }} as base_url,
        {{ one_or_several('url_host') }} as url_host,
        {{ one_or_several('url_path') }} as url_path,
        {{ one_or_several('utm_source') }} as utm_source,
        {{ one_or_several('utm_medium') }} as utm_medium,
        {{ one_or_several('utm_campaign') }} as utm_campaign,
        {{ one_or_several('utm_content') }} as utm_content,
        {{ one_or_several('utm_term') }} as utm_term
    from urls
    group by source, platform, account_id, campaign_id, ad_group_id, ad_id
)

select * from final
