with source as (
    select * from {{ source('landed', 'google_ads__account_performance') }}
),

final as (
    select
        date_day,
        account_id,
        account_name,
        upper(currency) as currency,
        impressions,
        clicks,
        {{ from_micros('cost_micros') }} as spend
    from source
)

select * from final
