-- Promotions that can't be right. A product may be announced before it is added to the catalogue, so an unknown one is
-- asked for only once its promotion began.
with promotions as (
    select * from {{ ref('stg_files__promotions') }}
),

products as (
    select distinct product_id from {{ ref('dim_product') }}
),

judged as (
    select
        promotions.*,
        case
            when promotions.ends_on < promotions.starts_on then 'ends_before_start'
            when products.product_id is null and promotions.starts_on <= {{ mart_date() }} then 'unknown_product'
        end as reason
    from promotions
    left join products on promotions.product_id = products.product_id
),

final as (
    select
        'files' as source,
        'promotions' as stream,
        {{ row_key(['promotion_id', 'product_id']) }} as row_key,
        starts_on as date_day,
        reason,
        cast(null as varchar) as currency,
        {{ local_amount('null') }} as amount_local,
        {{ json_row(['promotion_id', 'product_id', 'starts_on', 'ends_on', 'discount_rate']) }} as row_json
    from judged
    where reason is not null
)

select * from final
