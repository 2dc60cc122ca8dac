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
    select date_day, channel, source, platform, account_id, campaign_id, measure, value from ad_measures
    union all
    select
        event_measures.date_day,
        event_measures.channel,
        coalesce(campaign_keys.source, '(none)') as source,
        coalesce(campaign_keys.platform, '(none)') as platform,
        coalesce(campaign_keys.account_id, '(none)') as account_id,
        coalesce(campaign_keys.campaign_id, '(none)') as campaign_id,
        event_measures.measure,
        event_measures.value
    from event_measures
    left join campaign_keys
        on event_measures.channel = campaign_keys.channel
        and {{ campaign_key('event_measures.utm_campaign') }} = campaign_keys.campaign_key
        and event_measures.date_day >= campaign_keys.valid_from
        and event_measures.date_day <= campaign_keys.valid_until
),

final as (
    select
        unioned.date_day,
        unioned.channel,
        unioned.source,
        unioned.platform,
        unioned.account_id,
        unioned.campaign_id,
        {{ measure_sum('spend') }} as spend,
        cast({{ measure_sum('impressions') }} as bigint) as impressions,
        cast({{ measure_sum('clicks') }} as bigint) as clicks,
        case
            when max(claimants.source) is not null
                then cast({{ measure_sum('platform_conversions') }} as decimal(38, 6))
        end as platform_conversions,
        case
            when max(claimants.source) is not null then {{ measure_sum('platform_conversions_value') }}
        end as platform_conversions_value,
        cast(case max(claimants.truth)
            when 'orders' then {{ measure_sum('orders') }}
            when 'leads' then {{ measure_sum('leads') }}
        end as bigint) as true_conversions,
        cast({{ measure_sum('sessions') }} as bigint) as sessions,
        cast({{ measure_sum('engaged_sessions') }} as bigint) as engaged_sessions,
        cast({{ measure_sum('leads') }} as bigint) as leads,
        cast({{ measure_sum('mqls') }} as bigint) as mqls,
        cast({{ measure_sum('sqls') }} as bigint) as sqls,
        cast({{ measure_sum('opportunities') }} as bigint) as opportunities,
        cast({{ measure_sum('won_deals') }} as bigint) as won_deals,
        cast({{ measure_sum('orders') }} as bigint) as orders,
        cast({{ measure_sum('new_customers') }} as bigint) as new_customers,
        {{ measure_sum('net_revenue') }} as net_revenue,
        {{ measure_sum('margin') }} as margin,
        cast({{ measure_sum('orders_without_cost') }} as bigint) as orders_without_cost
    from unioned
    left join claimants on unioned.source = claimants.source and unioned.platform = claimants.platform
    group by
        unioned.date_day, unioned.channel, unioned.source, unioned.platform, unioned.account_id, unioned.campaign_id
)

select * from final
