-- Every measure by day, channel and campaign. What no campaign can be told for stands under `(none)`, so that the
-- sums over campaigns are those of the channel.
with ad_measures as (
    select * from {{ ref('int_ad_measures') }}
),

event_measures as (
    select * from {{ ref('int_event_measures') }}
),

campaign_keys as (
    select * from {{ ref('int_campaign_key_periods') }}
),

claimants as (
    select * from {{ ref('int_claiming_platforms') }}
),

unioned as (
    select
        date_day, channel, source, platform, account_id, campaign_id,
        spend, impressions, clicks,
        platform_conversions as conversions, platform_conversions_value as conversions_value,
        null as measure, null as value
    from ad_measures
    union all
    select
        event_measures.date_day, event_measures.channel,
        coalesce(campaign_keys.source, '(none)') as source,
        coalesce(campaign_keys.platform, '(none)') as platform,
        coalesce(campaign_keys.account_id, '(none)') as account_id,
        coalesce(campaign_keys.campaign_id, '(none)') as campaign_id,
        null as spend, null as impressions, null as clicks, null as conversions, null as conversions_value,
        event_measures.measure, event_measures.value
    from event_measures
    left join campaign_keys
        on event_measures.channel = campaign_keys.channel
        and {{ campaign_key('event_measures.utm_campaign') }} = campaign_keys.campaign_key
        and event_measures.date_day >= campaign_keys.valid_from
        and event_measures.date_day <= campaign_keys.valid_until
),

final as (
    select
        unioned.date_day, unioned.channel, unioned.source, unioned.platform, unioned.account_id, unioned.campaign_id,
        {{ measure_sum('spend', 'unioned.spend') }} as spend,
        {{ measure_sum('impressions', 'unioned.impressions', type='bigint') }} as impressions,
        {{ measure_sum('clicks', 'unioned.clicks', type='bigint') }} as clicks,
        case
            when max(claimants.source) is not null
                then {{ measure_sum('platform_conversions', 'unioned.conversions', 'decimal(38, 6)') }}
        end as platform_conversions,
        case
            when max(claimants.source) is not null
                then {{ measure_sum('platform_conversions_value', 'unioned.conversions_value') }}
        end as platform_conversions_value,
        case max(claimants.truth)
            when 'orders' then {{ measure_sum('orders', type='bigint') }}
            when 'leads' then {{ measure_sum('leads', type='bigint') }}
        end as true_conversions,
        {{ measure_sum('sessions', type='bigint') }} as sessions,
        {{ measure_sum('engaged_sessions', type='bigint') }} as engaged_sessions,
        {{ measure_sum('leads', type='bigint') }} as leads,
        {{ measure_sum('mqls', type='bigint') }} as mqls,
        {{ measure_sum('sqls', type='bigint') }} as sqls,
        {{ measure_sum('opportunities', type='bigint') }} as opportunities,
        {{ measure_sum('won_deals', type='bigint') }} as won_deals,
        {{ measure_sum('orders', type='bigint') }} as orders,
        {{ measure_sum('new_customers', type='bigint') }} as new_customers,
        {{ measure_sum('net_revenue') }} as net_revenue,
        {{ measure_sum('margin') }} as margin,
        {{ measure_sum('orders_without_cost', type='bigint') }} as orders_without_cost
    from unioned
    left join claimants on unioned.source = claimants.source and unioned.platform = claimants.platform
    group by
        unioned.date_day, unioned.channel, unioned.source, unioned.platform, unioned.account_id, unioned.campaign_id
)

select * from final
