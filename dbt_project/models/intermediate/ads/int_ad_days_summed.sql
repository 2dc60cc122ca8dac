-- The one pass over the landed ads that tells what they come to: rests and rates read this instead of every ad.
with ad_days as (
    select * from {{ ref('int_ad_days_reported') }}
),

final as (
    select
        source, date_day, account_id, currency, campaign_id,
        cast(sum(impressions) as bigint) as impressions,
        cast(sum(clicks) as bigint) as clicks,
        {{ local_amount('sum(spend_local)') }} as spend_local,
        count(*) as row_count
    from ad_days
    group by source, date_day, account_id, currency, campaign_id
)

select * from final
