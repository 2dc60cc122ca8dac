-- One hierarchy over all platforms, with its history: a new row whenever a name, type or channel changes from one
-- landed day to the next.
with ad_days as (
    select * from {{ ref('int_ad_days') }}
),

with_previous as (
    select
        *,
        lag(date_day) over ad as previous_seen,
        lag({{ dim_campaign_state() }}) over ad as previous_state
    from ad_days
    window ad as (
        partition by source, platform, account_id, campaign_id, ad_group_id, ad_id order by date_day
    )
),

changes as (
    select *
    from with_previous
    where previous_seen is null or previous_state <> {{ dim_campaign_state() }}
),

final as (
    select
        source,
        platform,
        account_id,
        account_name,
        currency,
        campaign_id,
        campaign_name,
        campaign_type,
        channel,
        ad_group_id,
        ad_group_name,
        ad_id,
        ad_name,
        date_day as valid_from,
        {{ days_after('lead(date_day) over ad', -1) }} as valid_to,
        lead(date_day) over ad is null as is_current
    from changes
    window ad as (
        partition by source, platform, account_id, campaign_id, ad_group_id, ad_id order by date_day
    )
)

select * from final
