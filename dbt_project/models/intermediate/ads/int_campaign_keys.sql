-- The campaign that a visit's utm_campaign means: within a channel, the id before a name, today's names before
-- former ones.
with ad_days as (
    select * from {{ ref('int_ad_days') }}
),

names as (
    select
        channel, source, platform, account_id, campaign_id, campaign_name, max(date_day) as last_day
    from ad_days
    where campaign_id <> '(unallocated)'
    group by channel, source, platform, account_id, campaign_id, campaign_name
),

keys as (
    select
        channel, {{ campaign_key('campaign_id') }} as campaign_key, 1 as preference, last_day,
        source, platform, account_id, campaign_id
    from names
    union all
    select
        channel, {{ campaign_key('campaign_name') }} as campaign_key, 2 as preference, last_day,
        source, platform, account_id, campaign_id
    from names
),

ranked as (
    select
        *,
        row_number() over (
            partition by channel, campaign_key
            order by preference, last_day desc, source, platform, account_id, campaign_id
        ) as choice
    from keys
    where campaign_key <> ''
),

final as (
    select channel, campaign_key, source, platform, account_id, campaign_id
    from ranked
    where choice = 1
)

select * from final
