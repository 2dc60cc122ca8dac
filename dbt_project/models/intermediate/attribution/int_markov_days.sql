-- What the chain credits: N x removal effect / sum of effects is N x share, spread over days as the conversions with a
-- touch are. Where only credit notes have touches there is no chain, and their revenue stays (unattributed).
with shapley_days as (
    select * from {{ ref('int_shapley_days') }}
),

shares as (
    select * from {{ ref('int_markov_shares') }}
    where share <> 0
),

-- Shapley's shares of a conversion add up to 1, so these are whole conversions with a touch and their revenue.
days as (
    select date_day, conversion_type, sum(conversions) as conversions, sum(revenue) as revenue
    from shapley_days
    group by date_day, conversion_type
),

final as (
    select
        days.date_day,
        days.conversion_type,
        coalesce(shares.channel, '(unattributed)') as channel,
        cast(cast(days.conversions as decimal(28, 0)) * coalesce(shares.share, 1) as decimal(38, 9)) as conversions,
        cast({{ credited_amount('days.revenue', 'coalesce(shares.share, 1)') }} as decimal(38, 19)) as revenue
    from days
    left join shares on days.conversion_type = shares.conversion_type
)

select * from final
