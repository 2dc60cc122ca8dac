-- What platforms claim in no currency: its value can't be converted.
with google_claims as (
    select * from {{ ref('stg_google_ads__conversion_days') }}
),

meta_claims as (
    select * from {{ ref('stg_meta_ads__ad_actions') }}
),

file_claims as (
    select * from {{ ref('stg_files__ad_performance') }}
    where conversions is not null or conversions_value is not null
),

unioned as (
    select
        'google_ads' as source, 'conversions' as stream, date_day, account_id, campaign_id, '' as ad_group_id,
        '' as ad_id, conversion_action as claim, '' as attribution_window, conversion_type, currency, conversions,
        conversions_value
    from google_claims
    union all
    select
        'meta_ads' as source, 'ad_insights' as stream, date_day, account_id, campaign_id, ad_group_id, ad_id,
        conversion_type as claim, attribution_window, conversion_type, currency, conversions, conversions_value
    from meta_claims
    union all
    select
        'files' as source, 'ad_performance' as stream, date_day, platform || '|' || account_id as account_id,
        campaign_id, coalesce(ad_group_id, '') as ad_group_id, coalesce(ad_id, '') as ad_id, 'conversion' as claim,
        '' as attribution_window, 'conversion' as conversion_type, currency, conversions, conversions_value
    from file_claims
),

final as (
    select
        source,
        stream,
        {{ row_key([
            'date_day', 'account_id', 'campaign_id', 'ad_group_id', 'ad_id', 'claim', 'attribution_window'
        ]) }} as row_key,
        date_day,
        'missing_currency' as reason,
        currency,
        {{ local_amount('conversions_value') }} as amount_local,
        {{ json_row([
            'date_day', 'account_id', 'campaign_id', 'ad_group_id', 'ad_id', 'conversion_type', 'attribution_window',
            'conversions', 'conversions_value', 'currency'
        ]) }} as row_json
    from unioned
    where currency is null and date_day <= {{ mart_date() }}
)

select * from final
