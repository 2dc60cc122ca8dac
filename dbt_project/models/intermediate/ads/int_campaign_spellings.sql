-- Every text that means a campaign in a utm_campaign: its id, and the names that its platform told of it.
with ad_days as (
    select * from {{ ref('int_ad_days') }}
    where campaign_id <> '(unallocated)'
),

spelled as (
    select
        channel, source, platform, account_id, campaign_id,
        campaign_id as spelling, 1 as preference, min(date_day) as first_day, max(date_day) as last_day
    from ad_days
    group by channel, source, platform, account_id, campaign_id
    union all
    select
        channel, source, platform, account_id, campaign_id,
        campaign_name as spelling, 3 as preference, min(date_day) as first_day, max(date_day) as last_day
    from ad_days
    group by channel, source, platform, account_id, campaign_id, campaign_name
),

final as (
    select
        channel, source, platform, account_id, campaign_id, spelling,
        {{ campaign_key('spelling') }} as campaign_key,
        min(preference) as preference, min(first_day) as first_day, max(last_day) as last_day
    from spelled
    where {{ campaign_key('spelling') }} <> ''
    group by channel, source, platform, account_id, campaign_id, spelling
)

select * from final
