with source as (
    select * from {{ source('landed', 'files__orders__versions') }}
),

final as (
    select
        'files' as source,
        order_id,
        load,
        cast(null as timestamp with time zone) as changed_at,  -- files tell none: what was loaded last counts
        ordered_at,
        upper(currency) as currency,
        {{ local_amount('net_amount') }} as net,
        coalesce(lower(status), '') <> 'test' as is_counted,
        case when net_amount < 0 then 0 else 1 end as is_order
    from source
)

select * from final
