with source as (
    select * from {{ source('landed', 'files__fx_rates') }}
),

final as (
    select
        date_day,
        upper(from_currency) as from_currency,
        upper(to_currency) as to_currency,
        rate
    from source
)

select * from final
