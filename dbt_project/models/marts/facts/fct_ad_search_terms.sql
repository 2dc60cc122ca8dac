with days as (
    select * from {{ ref('stg_google_ads__search_term_days') }}
),

claims as (
    select * from {{ ref('stg_google_ads__search_term_conversion_days') }}
    where {{ is_declared_claim("'google_ads'", 'conversion_type', "''") }}
),

rates as (
    select * from {{ ref('int_fx_rates') }}
),

-- Google tells amounts and claims in two reports (a report by conversion has no cost).
unioned as (
    select
        date_day, account_id, currency, campaign_id, ad_group_id, search_term, match_type,
        account_name, campaign_name, campaign_type,
        ad_group_name, impressions, clicks, spend,
        case when has_conversions then 0 end as conversions,
        case when has_conversions then 0 end as conversions_value
    from days
    union all
    select
        date_day, account_id, currency, campaign_id, ad_group_id, search_term, match_type,
        account_name, null as campaign_name, null as campaign_type,
        null as ad_group_name, 0 as impressions, 0 as clicks, 0 as spend,
        conversions, conversions_value
    from claims
),

summed as (
    select
        date_day, account_id, currency, campaign_id, ad_group_id, search_term, match_type,
        max(account_name) as account_name, max(campaign_name) as campaign_name, max(campaign_type) as campaign_type,
        max(ad_group_name) as ad_group_name,
        cast(sum(impressions) as bigint) as impressions, cast(sum(clicks) as bigint) as clicks,
        {{ local_amount('sum(spend)') }} as spend_local,
        {{ local_amount('sum(conversions)') }} as conversions,
        {{ local_amount('sum(conversions_value)') }} as conversions_value_local
    from unioned
    where date_day <= {{ mart_date() }}
    group by date_day, account_id, currency, campaign_id, ad_group_id, search_term, match_type
),

final as (
    select
        'google_ads' as source,
        summed.date_day,
        'google_ads' as platform,
        summed.account_id, summed.account_name, summed.campaign_id, summed.campaign_name, summed.campaign_type,
        summed.ad_group_id, summed.ad_group_name,
        summed.search_term, summed.match_type,
        summed.impressions, summed.clicks, summed.currency, summed.spend_local,
        {{ reporting_amount('summed.spend_local', 'rates.fx_rate') }} as spend,
        summed.conversions, summed.conversions_value_local,
        {{ reporting_amount('summed.conversions_value_local', 'rates.fx_rate') }} as conversions_value,
        rates.fx_rate, rates.fx_rate_day
    from summed
    left join rates on summed.currency = rates.currency and summed.date_day = rates.date_day
)

select * from final
