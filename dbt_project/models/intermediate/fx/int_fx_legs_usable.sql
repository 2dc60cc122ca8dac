-- For each day that holds an amount, each pair's last rate published on or before it, at most 7 days old.
with amount_days as (
    select * from {{ ref('int_amount_days') }}
),

legs as (
    select * from {{ ref('int_fx_legs') }}
),

days as (
    select distinct date_day
    from amount_days
    where currency <> '{{ var("reporting_currency") }}'
),

candidates as (
    select
        days.date_day,
        legs.from_currency,
        legs.to_currency,
        legs.date_day as rate_day,
        legs.numerator,
        legs.denominator,
        row_number() over (
            partition by days.date_day, legs.from_currency, legs.to_currency order by legs.date_day desc
        ) as age_rank
    from days
    inner join legs
        on days.date_day >= legs.date_day
        and days.date_day <= {{ days_after('legs.date_day', 7) }}
),

final as (
    select date_day, from_currency, to_currency, rate_day, numerator, denominator
    from candidates
    where age_rank = 1
)

select * from final
