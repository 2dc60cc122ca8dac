-- Meta's claims nest (1d_click lies in 7d_click, purchase in omni_purchase): rows stand side by side, never summed.
with source as (
    select * from {{ source('landed', 'meta_ads__ad_insights') }}
),

actions as (
    select
        date_day,
        account_id,
        account_name,
        upper(currency) as currency,
        campaign_id,
        campaign_name,
        lower(objective) as campaign_type,
        ad_group_id,
        ad_group_name,
        ad_id,
        ad_name,
        {{ explode('actions') }} as action
    from source
),

final as (
    select
        date_day,
        account_id,
        account_name,
        currency,
        campaign_id,
        campaign_name,
        campaign_type,
        ad_group_id,
        ad_group_name,
        ad_id,
        ad_name,
        action.action_type as conversion_type,
        coalesce(action.attribution_window, '') as attribution_window,
        action.conversions,
        action.value as conversions_value
    from actions
)

select * from final
