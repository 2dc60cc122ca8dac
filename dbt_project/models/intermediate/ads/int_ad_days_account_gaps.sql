-- What a platform tells of an account beyond its campaigns.
with google_accounts as (
    select * from {{ ref('stg_google_ads__account_days') }}
),

meta_accounts as (
    select * from {{ ref('stg_meta_ads__account_days') }}
),

ad_days as (
    select * from {{ ref('int_ad_days_summed') }}
),

campaign_gaps as (
    select * from {{ ref('int_ad_days_campaign_gaps') }}
),

account_days as (
    select 'google_ads' as source, date_day, account_id, account_name, currency, impressions, clicks, spend
    from google_accounts
    union all
    select 'meta_ads' as source, date_day, account_id, account_name, currency, impressions, clicks, spend
    from meta_accounts
),

known as (
    select source, date_day, account_id, impressions, clicks, spend_local from ad_days
    union all
    select source, date_day, account_id, impressions, clicks, spend_local from campaign_gaps
),

known_of_account as (
    select
        source, date_day, account_id,
        sum(impressions) as impressions, sum(clicks) as clicks, sum(spend_local) as spend_local
    from known
    group by source, date_day, account_id
),

gaps as (
    select
        account_days.source, account_days.date_day, account_days.account_id, account_days.account_name,
        account_days.currency,
        account_days.impressions - coalesce(known_of_account.impressions, 0) as impressions,
        account_days.clicks - coalesce(known_of_account.clicks, 0) as clicks,
        account_days.spend - coalesce(known_of_account.spend_local, 0) as spend_local
    from account_days
    left join known_of_account
        on account_days.source = known_of_account.source
        and account_days.date_day = known_of_account.date_day
        and account_days.account_id = known_of_account.account_id
    where account_days.date_day <= {{ mart_date() }}
),

final as (
    select
        source, source as platform, date_day, account_id, account_name, currency,
        '(unallocated)' as campaign_id, '(unallocated)' as campaign_name, cast(null as varchar) as campaign_type,
        cast(null as varchar) as row_channel,
        '(unallocated)' as ad_group_id, '(unallocated)' as ad_group_name,
        '(unallocated)' as ad_id, '(unallocated)' as ad_name,
        cast(impressions as bigint) as impressions,
        cast(clicks as bigint) as clicks,
        {{ local_amount('spend_local') }} as spend_local
    from gaps
    where impressions <> 0 or clicks <> 0 or spend_local <> 0
)

select * from final
