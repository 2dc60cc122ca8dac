with source as (
    select * from {{ source('landed', 'files__budgets') }}
),

final as (
    select
        month,
        channel,
        coalesce(campaign_id, '') as campaign_id,
        upper(currency) as currency,
        amount
    from source
)

select * from final
