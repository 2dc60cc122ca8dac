-- The ads added up by campaign: what asks for no single ad reads a sixth of the rows, or at the size of a large
-- advertiser a sixtieth. They are added up by a number, as few of them as there are texts to tell.
with ad_days as (
    select * from {{ ref('fct_ad_days') }}
),

states as (
    select
        *,
        dense_rank() over (
            order by channel, source, platform, account_id, campaign_id, campaign_name, currency
        ) as campaign_number
    from {{ ref('dim_ad_state') }}
),

campaigns as (
    select distinct campaign_number, channel, source, platform, account_id, campaign_id, campaign_name, currency
    from states
),

summed as (
    select
        ad_days.date_day, states.campaign_number,
        cast(sum(ad_days.impressions) as bigint) as impressions,
        cast(sum(ad_days.clicks) as bigint) as clicks,
        {{ local_amount('sum(ad_days.spend_local)') }} as spend_local,
        cast(sum(ad_days.spend) as decimal(38, 10)) as spend
    from ad_days
    inner join states on ad_days.ad_state_id = states.ad_state_id
    group by ad_days.date_day, states.campaign_number
),

final as (
    select
        summed.date_day, campaigns.channel, campaigns.source, campaigns.platform, campaigns.account_id,
        campaigns.campaign_id, campaigns.campaign_name, campaigns.currency,
        summed.impressions, summed.clicks, summed.spend_local, summed.spend
    from summed
    inner join campaigns on summed.campaign_number = campaigns.campaign_number
)

select * from final
