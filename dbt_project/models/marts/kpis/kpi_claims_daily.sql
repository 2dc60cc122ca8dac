-- What each platform claims, by type and window, and beside the one declared claim what is true of it. Types and
-- windows nest: every row stands for itself, and the truth stands once.
with campaign_days as (
    select * from {{ ref('int_campaign_days') }}
),

claimants as (
    select * from {{ ref('int_claiming_platforms') }}
),

claims as (
    select * from {{ ref('fct_ad_conversions') }}
    where date_day >= {{ kpi_start() }} and date_day <= {{ mart_date() }}
),

-- A day on which the platform spent, claimed or sold has its row, also where one of them is zero.
declared as (
    select
        campaign_days.date_day, campaign_days.source, campaign_days.platform,
        claimants.conversion_type, claimants.attribution_window, true as is_declared,
        sum(campaign_days.platform_conversions) as claimed_conversions,
        sum(campaign_days.platform_conversions_value) as claimed_value,
        claimants.truth,
        sum(campaign_days.true_conversions) as true_conversions,
        case when claimants.truth = 'orders' then sum(campaign_days.net_revenue) end as true_value,
        sum(campaign_days.spend) as spend
    from campaign_days
    inner join claimants
        on campaign_days.source = claimants.source and campaign_days.platform = claimants.platform
    group by
        campaign_days.date_day, campaign_days.source, campaign_days.platform,
        claimants.conversion_type, claimants.attribution_window, claimants.truth
),

others as (
    select
        date_day, source, platform, conversion_type, attribution_window, false as is_declared,
        sum(conversions) as claimed_conversions, sum(conversions_value) as claimed_value,
        cast(null as varchar) as truth, cast(null as bigint) as true_conversions,
        cast(null as decimal(38, 10)) as true_value, cast(null as decimal(38, 10)) as spend
    from claims
    where not is_declared
    group by date_day, source, platform, conversion_type, attribution_window
),

unioned as (
    select * from declared
    union all
    select * from others
),

final as (
    select
        date_day, source, platform, conversion_type, attribution_window, is_declared,
        cast(claimed_conversions as decimal(38, 6)) as claimed_conversions,
        cast(claimed_value as decimal(38, 10)) as claimed_value,
        truth,
        cast(true_conversions as bigint) as true_conversions,
        cast(true_value as decimal(38, 10)) as true_value,
        cast(spend as decimal(38, 10)) as spend,
        {{ ratio('claimed_conversions', 'true_conversions') }} as overclaim_ratio,
        {{ ratio('true_value', 'spend') }} as roas,
        case when is_declared then {{ ratio('claimed_value', 'spend') }} end as roas_platform
    from unioned
)

select * from final
