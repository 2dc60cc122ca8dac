-- What people searched for when they saw an ad, in the account's currency. Another engine's search terms are another
-- branch here.
with google_terms as (
    select * from {{ ref('stg_google_ads__search_term_days') }}
),

unioned as (
    select
        'google_ads' as source, date_day, account_id, campaign_id, ad_group_id, currency, search_term,
        impressions, clicks, spend
    from google_terms
),

normalised as (
    select *, {{ words('search_term') }} as words from unioned
),

final as (
    select
        source, date_day, account_id, campaign_id, ad_group_id, currency, search_term,
        {{ is_brand('words') }} as is_brand,
        impressions, clicks,
        {{ local_amount('spend') }} as spend_local
    from normalised
    where date_day <= {{ mart_date() }}
)

select * from final
