-- Every sum that a KPI is made of, by KPI day and channel, without gaps: 0 where nothing happened, null where nobody
-- tells of it (yet). `(all)` is the sum over channels; other costs are known for the business as a whole only.
{% set measures = [
    'spend', 'impressions', 'clicks', 'platform_conversions_value', 'sessions', 'engaged_sessions', 'leads', 'mqls',
    'sqls', 'opportunities', 'won_deals', 'orders', 'new_customers', 'net_revenue', 'margin'
] %}
with days as (
    select * from {{ ref('kpi_daily') }}
),

channel_days as (
    select * from {{ ref('kpi_channel_daily') }}
),

kpis as (
    select * from {{ ref('kpis') }}
),

dim_channel as (
    select * from {{ ref('dim_channel') }}
),

told as (
    {% for measure in measures %}
        select date_day, channel, '{{ measure }}' as measure, {{ measure_value(measure) }} as value from channel_days
        union all
    {% endfor %}
    select date_day, channel, 'profit' as measure, {{ measure_value('margin - spend') }} as value from channel_days
),

sums as (
    select date_day, channel, measure, value from told
    union all
    select date_day, '(all)' as channel, measure, {{ measure_value('sum(value)') }} as value
    from told
    group by date_day, measure
    union all
    select
        date_day, '(all)' as channel, 'marketing_costs' as measure, {{ measure_value('spend + other_costs') }} as value
    from days
),

channels as (
    select channel from dim_channel
    union
    select '(all)' as channel
),

measures as (
    select numerator as measure from kpis
    union
    select denominator as measure from kpis where denominator is not null
),

final as (
    select
        days.date_day,
        channels.channel,
        measures.measure,
        case
            -- a channel whose platforms make no claims claims nothing, which is not 0
            when measures.measure = 'platform_conversions_value' then sums.value
            when {{ is_told('measures.measure', 'days.date_day') }} then coalesce(sums.value, 0)
            when
                measures.measure = 'profit'
                and {{ is_told("'margin'", 'days.date_day') }} and {{ is_told("'spend'", 'days.date_day') }}
                then coalesce(sums.value, 0)
            else sums.value
        end as value
    from days
    cross join channels
    cross join measures
    left join sums
        on days.date_day = sums.date_day
        and channels.channel = sums.channel
        and measures.measure = sums.measure
)

select * from final
