with source as (
    select * from {{ source('landed', 'shopify__orders__versions') }}
),

final as (
    select
        'shopify' as source,
        order_id,
        load,
        updated_at as changed_at,
        coalesce(processed_at, created_at) as ordered_at,
        upper(currency) as currency,
        {{ local_amount('gross_amount - discount_amount - ' ~ list_field_sum('refunds', 'amount')) }} as net,
        not coalesce(is_test, false) as is_counted,
        1 as is_order
    from source
)

select * from final
