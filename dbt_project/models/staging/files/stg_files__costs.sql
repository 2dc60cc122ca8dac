with source as (
    select * from {{ source('landed', 'files__costs') }}
),

final as (
    select
        date_day,
        kind,
        amount,
        upper(currency) as currency,
        coalesce(channel, '') as channel,
        coalesce(campaign, '') as campaign
    from source
)

select * from final
