with source as (
    select * from {{ source('landed', 'files__deals') }}
),

final as (
    select
        deal_id,
        created_at,
        stage,
        amount,
        upper(currency) as currency,
        nullif(contact_id, '') as contact_id,
        closed_at,
        coalesce(is_won, false) as is_won
    from source
)

select * from final
