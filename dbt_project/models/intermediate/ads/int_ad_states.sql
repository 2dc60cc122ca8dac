-- Everything that an ad was ever called, with the days that it was called so: few rows, whatever the number of days.
with ad_days as (
    select * from {{ ref('fct_ad_performance') }}
),

states as (
    select
        source, platform, account_id, account_name, currency, campaign_id, campaign_name, campaign_type, channel,
        ad_group_id, ad_group_name, ad_id, ad_name, min(date_day) as first_day, max(date_day) as last_day
    from ad_days
    group by
        source, platform, account_id, account_name, currency, campaign_id, campaign_name, campaign_type, channel,
        ad_group_id, ad_group_name, ad_id, ad_name
),

final as (
    select
        *,
        count(*) over (
            partition by source, platform, account_id, campaign_id, ad_group_id, ad_id
        ) as state_count
    from states
)

select * from final
