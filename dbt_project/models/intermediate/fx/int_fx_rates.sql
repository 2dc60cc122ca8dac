with amount_days as (
    select * from {{ ref('int_amount_days') }}
),

legs as (
    select * from {{ ref('int_fx_legs_usable') }}
),

needs as (
    select distinct currency, date_day from amount_days
),

same_currency as (
    select currency, date_day, cast(1 as decimal(28, 16)) as fx_rate, date_day as fx_rate_day
    from needs
    where currency = '{{ var("reporting_currency") }}'
),

direct as (
    select
        needs.currency, needs.date_day, 1 as preference, '' as via,
        legs.rate_day, legs.numerator, legs.denominator
    from needs
    inner join legs on needs.date_day = legs.date_day and needs.currency = legs.from_currency
    where legs.to_currency = '{{ var("reporting_currency") }}' and needs.currency <> legs.to_currency
),

-- Two legs through a base that both currencies are published against; as old as the older leg.
crosses as (
    select
        needs.currency, needs.date_day, 2 as preference, first_leg.to_currency as via,
        least(first_leg.rate_day, second_leg.rate_day) as rate_day,
        cast(first_leg.numerator * second_leg.numerator as decimal(36, 12)) as numerator,
        cast(first_leg.denominator * second_leg.denominator as decimal(36, 12)) as denominator
    from needs
    inner join legs as first_leg
        on needs.date_day = first_leg.date_day and needs.currency = first_leg.from_currency
    inner join legs as second_leg
        on first_leg.date_day = second_leg.date_day and first_leg.to_currency = second_leg.from_currency
    where second_leg.to_currency = '{{ var("reporting_currency") }}' and needs.currency <> second_leg.to_currency
),

candidates as (
    select * from direct
    union all
    select * from crosses
),

ranked as (
    select
        *,
        row_number() over (partition by currency, date_day order by preference, rate_day desc, via) as choice
    from candidates
),

rates as (
    select currency, date_day, fx_rate, fx_rate_day from same_currency
    union all
    select
        currency, date_day, {{ decimal_quotient('numerator', 'denominator') }} as fx_rate, rate_day as fx_rate_day
    from ranked
    where choice = 1
),

final as (
    select
        currency, date_day, fx_rate, fx_rate_day,
        {{ whole_of_rate('fx_rate') }} as fx_rate_whole,
        {{ rest_of_rate('fx_rate') }} as fx_rate_rest
    from rates
)

select * from final
