-- Search terms come in two reports: by ad group, and those of Performance Max, which has no ad groups, by campaign.
with search_terms as (
    select * from {{ source('landed', 'google_ads__search_terms') }}
),

campaign_search_terms as (
    select * from {{ source('landed', 'google_ads__campaign_search_terms') }}
),

unioned as (
    select
        date_day, account_id, account_name, currency, campaign_id, campaign_name, advertising_channel_type,
        ad_group_id, ad_group_name, search_term, search_match_type, impressions, clicks, cost_micros,
        true as has_conversions
    from search_terms
    union all
    select
        date_day, account_id, account_name, currency, campaign_id, campaign_name, advertising_channel_type,
        '(unallocated)' as ad_group_id, '(unallocated)' as ad_group_name, search_term,
        'PERFORMANCE_MAX' as search_match_type, impressions, clicks, cost_micros, false as has_conversions
    from campaign_search_terms
),

final as (
    select
        date_day,
        account_id,
        account_name,
        upper(currency) as currency,
        campaign_id,
        campaign_name,
        lower(advertising_channel_type) as campaign_type,
        ad_group_id,
        ad_group_name,
        search_term,
        lower(search_match_type) as match_type,
        impressions,
        clicks,
        {{ from_micros('cost_micros') }} as spend,
        has_conversions
    from unioned
)

select * from final
