with refunds as (
    select * from {{ ref('stg_shopify__refunds') }}
),

final as (
    select order_id, sum(amount) as amount
    from refunds
    group by order_id
)

select * from final
