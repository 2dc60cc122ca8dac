with source as (
    select * from {{ source('landed', 'meta_ads__account_insights') }}
),

final as (
    select
        date_day,
        account_id,
        account_name,
        upper(currency) as currency,
        impressions,
        clicks,
        spend
    from source
)

select * from final
