-- The shop's catalogue, and products that were sold without standing in it.
with catalogue as (
    select * from {{ ref('stg_shopify__products') }}
),

file_lines as (
    select * from {{ ref('stg_files__order_lines') }}
),

lines as (
    select * from {{ ref('int_order_lines') }}
    where product_id is not null
),

sold as (
    select source, product_id, max(product_name) as product_name
    from lines
    group by source, product_id
),

file_categories as (
    select product_id, max(category) as category
    from file_lines
    group by product_id
),

final as (
    select
        'shopify' as source,
        product_id,
        product_name,
        category,
        vendor,
        lower(status) as status,
        created_at,
        true as is_in_catalogue
    from catalogue
    union all
    select
        sold.source,
        sold.product_id,
        sold.product_name,
        case when sold.source = 'files' then file_categories.category end as category,
        null as vendor,
        null as status,
        null as created_at,
        false as is_in_catalogue
    from sold
    left join catalogue on sold.source = 'shopify' and sold.product_id = catalogue.product_id
    left join file_categories on sold.product_id = file_categories.product_id
    where catalogue.product_id is null
)

select * from final
