-- What platforms report and claim, by day and campaign: one row per measure.
with ad_performance as (
    select * from {{ ref('fct_ad_performance') }}
),

ad_conversions as (
    select * from {{ ref('fct_ad_conversions') }}
    where is_declared
),

-- One pass over the ads, and one row per measure of what is left.
campaign_sums as (
    select
        date_day, channel, source, platform, account_id, campaign_id,
        sum(spend) as spend, sum(impressions) as impressions, sum(clicks) as clicks
    from ad_performance
    where date_day >= {{ kpi_start() }} and date_day <= {{ mart_date() }}
    group by date_day, channel, source, platform, account_id, campaign_id
),

unioned as (
    select
        date_day, channel, source, platform, account_id, campaign_id,
        'spend' as measure, {{ measure_value('spend') }} as value
    from campaign_sums
    union all
    select
        date_day, channel, source, platform, account_id, campaign_id,
        'impressions' as measure, {{ measure_value('impressions') }} as value
    from campaign_sums
    union all
    select
        date_day, channel, source, platform, account_id, campaign_id,
        'clicks' as measure, {{ measure_value('clicks') }} as value
    from campaign_sums
    union all
    select
        date_day, channel, source, platform, account_id, campaign_id,
        'platform_conversions' as measure, {{ measure_value('conversions') }} as value
    from ad_conversions
    union all
    select
        date_day, channel, source, platform, account_id, campaign_id,
        'platform_conversions_value' as measure, {{ measure_value('conversions_value') }} as value
    from ad_conversions
),

final as (
    select
        date_day, channel, source, platform, account_id, campaign_id, measure,
        {{ measure_value('sum(value)') }} as value
    from unioned
    where date_day >= {{ kpi_start() }} and date_day <= {{ mart_date() }}
    group by date_day, channel, source, platform, account_id, campaign_id, measure
)

select * from final
