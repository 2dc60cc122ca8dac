with source as (
    select * from {{ source('landed', 'hubspot__deals') }}
),

final as (
    select
        deal_id,
        created_at,
        updated_at,
        coalesce(is_archived, false) as is_archived,
        pipeline,
        stage,
        coalesce(is_closed, false) as is_closed,
        coalesce(is_won, false) as is_won,
        amount,
        upper(currency) as currency,
        closed_at,
        contact_ids
    from source
)

select * from final
