-- What Google claims for a campaign and type beyond its ads: all of a campaign without ads (Performance Max). Actions
-- of one category are added up: they are different actions.
with ad_claims as (
    select * from {{ ref('stg_google_ads__ad_conversion_days') }}
),

campaign_claims as (
    select * from {{ ref('stg_google_ads__conversion_days') }}
),

-- A campaign's claims less those of its ads. Read at two moments they may differ in what was added between: then the
-- rest is negative, and the campaign's own number stands.
signed as (
    select
        date_day, account_id, account_name, currency, campaign_id, campaign_name, conversion_type,
        conversions, conversions_value
    from campaign_claims
    union all
    select
        date_day, account_id, account_name, currency, campaign_id, campaign_name, conversion_type,
        -conversions as conversions, -conversions_value as conversions_value
    from ad_claims
),

rests as (
    select
        date_day, account_id, max(account_name) as account_name, currency, campaign_id,
        max(campaign_name) as campaign_name, conversion_type,
        sum(conversions) as conversions, sum(conversions_value) as conversions_value
    from signed
    group by date_day, account_id, currency, campaign_id, conversion_type
    having sum(conversions) <> 0 or sum(conversions_value) <> 0
),

final as (
    select
        date_day, account_id, account_name, currency, campaign_id, campaign_name,
        '(unallocated)' as ad_group_id, '(unallocated)' as ad_group_name,
        '(unallocated)' as ad_id, '(unallocated)' as ad_name, conversion_type,
        {{ local_amount('conversions') }} as conversions,
        {{ local_amount('conversions_value') }} as conversions_value
    from rests
)

select * from final
