-- Lines as sold, with what came back of each; amounts of a shop's line are without tax.
with shopify_lines as (
    select * from {{ ref('stg_shopify__order_lines') }}
),

shopify_refund_lines as (
    select * from {{ ref('stg_shopify__refund_lines') }}
),

file_lines as (
    select * from {{ ref('stg_files__order_lines') }}
),

returned as (
    select order_id, line_id, sum(quantity) as quantity, sum(amount) as amount
    from shopify_refund_lines
    group by order_id, line_id
),

unioned as (
    select
        'shopify' as source, shopify_lines.order_id, shopify_lines.line_id, shopify_lines.product_id,
        shopify_lines.product_name, cast(shopify_lines.quantity as decimal(18, 6)) as quantity,
        cast(coalesce(returned.quantity, 0) as decimal(18, 6)) as returned_quantity,
        shopify_lines.unit_price, coalesce(shopify_lines.discount_amount, 0) as discount,
        coalesce(returned.amount, 0) as refund, shopify_lines.unit_cost
    from shopify_lines
    left join returned
        on shopify_lines.order_id = returned.order_id and shopify_lines.line_id = returned.line_id
    union all
    select
        'files' as source, order_id, line_id, product_id, product_name, quantity, 0 as returned_quantity,
        unit_price, coalesce(discount_amount, 0) as discount, 0 as refund, unit_cost
    from file_lines
),

priced as (
    select
        *,
        {{ amount_of('quantity', 'unit_price') }} as gross,
        {{ amount_of('(quantity - returned_quantity)', 'unit_cost') }} as cost
    from unioned
),

final as (
    select
        source, order_id, line_id, product_id, product_name,
        quantity, returned_quantity,
        {{ local_amount('unit_price') }} as unit_price_local,
        {{ local_amount('gross') }} as gross_amount_local,
        {{ local_amount('discount') }} as discount_amount_local,
        {{ local_amount('refund') }} as refund_amount_local,
        {{ local_amount('gross - discount - refund') }} as net_amount_local,
        -- Nothing is left of a line that came back whole, so its cost is 0 even where a unit's cost is unknown.
        {{ local_amount('case when quantity = returned_quantity then 0 else cost end') }} as cost_amount_local
    from priced
)

select * from final
