-- Published rates in both directions, as fractions: to go from `from_currency` to `to_currency`, times the
-- numerator, divided by the denominator.
with published as (
    select * from {{ ref('stg_files__fx_rates') }}
),

directions as (
    select
        date_day, from_currency, to_currency, false as is_inverse,
        rate as numerator, cast(1 as decimal(18, 10)) as denominator
    from published
    where rate > 0
    union all
    select
        date_day, to_currency as from_currency, from_currency as to_currency, true as is_inverse,
        cast(1 as decimal(18, 10)) as numerator, rate as denominator
    from published
    where rate > 0
),

-- Where both directions are published for a day, each is taken as published.
ranked as (
    select
        *,
        row_number() over (partition by date_day, from_currency, to_currency order by is_inverse) as choice
    from directions
),

final as (
    select date_day, from_currency, to_currency, numerator, denominator
    from ranked
    where choice = 1
)

select * from final
