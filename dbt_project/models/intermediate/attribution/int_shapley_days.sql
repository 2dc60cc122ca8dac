-- The Shapley value of the game v(S) = conversions all of whose channels lie in S. A path with the channels P adds the
-- unanimity game of P, whose value is an equal share for each of P (Shapley 1953), and values of games add up: so a
-- conversion is split equally over its distinct channels, which is the simplified formula of Zhao, Mahboobi and Bagheri
-- 2018, "Shapley Value Methods for Attribution Modeling in Online Advertising" (https://arxiv.org/abs/1804.05327).
with conversions as (
    select * from {{ ref('int_conversions') }}
    where conversion_type <> 'contact_origin'
),

touches as (
    select * from {{ ref('int_touches_credited') }}
),

channels as (
    select distinct conversion_key, channel from touches
),

numbered as (
    select
        conversion_key, channel,
        row_number() over (partition by conversion_key order by channel) as channel_number,
        count(*) over (partition by conversion_key) as channels
    from channels
),

-- Shares are cut to 9 digits, the last channel takes the rest.
shared as (
    select
        conversion_key, channel,
        {{ billionths("case
            when channel_number < channels then " ~ whole_quotient(1000000000, 'channels') ~ "
            else 1000000000 - (channels - 1) * " ~ whole_quotient(1000000000, 'channels') ~ "
        end") }} as credit
    from numbered
),

final as (
    select
        conversions.date_day,
        conversions.conversion_type,
        shared.channel,
        cast(sum(conversions.conversions * shared.credit) as decimal(38, 9)) as conversions,
        cast(sum({{ credited_amount('conversions.revenue', 'shared.credit') }}) as decimal(38, 19)) as revenue
    from shared
    inner join conversions on shared.conversion_key = conversions.conversion_key
    group by conversions.date_day, conversions.conversion_type, shared.channel
)

select * from final
