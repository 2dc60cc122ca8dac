-- The days of a promotion, and those that it is measured against: the product's own days without any promotion among
-- the 28 before. Of promotions that overlap on a product, a day belongs to the one that began first.
with promotions as (
    select * from {{ ref('stg_files__promotions') }}
),

quarantined as (
    select * from {{ ref('int_quarantine__promotions') }}
),

products as (
    select * from {{ ref('int_products') }}
),

begun as (
    select promotions.*, products.sold_from
    from promotions
    left join quarantined
        on {{ row_key(['promotions.promotion_id', 'promotions.product_id']) }} = quarantined.row_key
    left join products on promotions.product_id = products.product_id
    where quarantined.row_key is null and promotions.starts_on <= {{ mart_date() }}
),

exploded as (
    select
        promotion_id, product_id, starts_on, discount_rate, false as is_baseline, sold_from,
        {{ explode(day_series('starts_on', 'least(ends_on, ' ~ mart_date() ~ ')')) }} as day
    from begun
    union all
    select
        promotion_id, product_id, starts_on, discount_rate, true as is_baseline, sold_from,
        {{ explode(day_series(days_after('starts_on', -28), days_after('starts_on', -1))) }} as day
    from begun
),

days as (
    select
        promotion_id, product_id, cast(day as date) as date_day, discount_rate, is_baseline, sold_from,
        row_number() over (
            partition by product_id, day, is_baseline order by starts_on, promotion_id
        ) as turn
    from exploded
),

promoted as (
    select product_id, date_day
    from days
    where not is_baseline and turn = 1
),

final as (
    select days.promotion_id, days.product_id, days.date_day, days.is_baseline, days.discount_rate
    from days
    left join promoted on days.product_id = promoted.product_id and days.date_day = promoted.date_day
    where
        case
            when days.is_baseline then promoted.product_id is null and days.date_day >= days.sold_from
            else days.turn = 1
        end
)

select * from final
