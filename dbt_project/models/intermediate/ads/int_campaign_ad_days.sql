-- The ads of fct_ad_performance added up by campaign: what asks for no single ad reads a sixth of the rows, or at the
-- size of a large advertiser a sixtieth.
with ad_days as (
    select * from {{ ref('fct_ad_performance') }}
),

final as (
    select
        date_day, channel, source, platform, account_id, campaign_id, campaign_name, currency,
        cast(sum(impressions) as bigint) as impressions,
        cast(sum(clicks) as bigint) as clicks,
        {{ local_amount('sum(spend_local)') }} as spend_local,
        cast(sum(spend) as decimal(38, 10)) as spend
    from ad_days
    group by date_day, channel, source, platform, account_id, campaign_id, campaign_name, currency
)

select * from final
