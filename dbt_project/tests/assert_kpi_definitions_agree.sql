-- Catches a KPI that targets and alerts measure otherwise than the KPI tables do: the seed kpis over the day's sums
-- against kpi_daily and kpi_channel_daily, as far as they show it.
{% set of_days = ['spend', 'sessions', 'orders', 'net_revenue', 'aov', 'mer', 'cac', 'marketing_cost_ratio'] %}
{% set of_channels = [
    'spend', 'impressions', 'clicks', 'engaged_sessions', 'leads', 'mqls', 'sqls', 'opportunities', 'won_deals',
    'new_customers', 'margin', 'ctr', 'cpc', 'cpm', 'cpl', 'cpa', 'cac', 'conversion_rate', 'roas', 'roas_platform', 'roi'
] %}
with shown as (
    {% for kpi in of_days %}
        select date_day, '(all)' as channel, '{{ kpi }}' as kpi, cast({{ kpi }} as double) as value
        from {{ ref('kpi_daily') }}
        union all
    {% endfor %}
    {% for kpi in of_channels %}
        select date_day, channel, '{{ kpi }}' as kpi, cast({{ kpi }} as double) as value
        from {{ ref('kpi_channel_daily') }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

measured as (
    select
        numerators.date_day, numerators.channel, kpis.kpi,
        {{ kpi_value('kpis', 'numerators.value', 'denominators.value') }} as value
    from {{ ref('int_kpi_measures') }} as numerators
    inner join {{ ref('kpis') }} as kpis on numerators.measure = kpis.numerator
    left join {{ ref('int_kpi_measures') }} as denominators
        on numerators.date_day = denominators.date_day
        and numerators.channel = denominators.channel
        and kpis.denominator = denominators.measure
)

select shown.date_day, shown.channel, shown.kpi, shown.value as expected, measured.value as told
from shown
left join measured
    on shown.date_day = measured.date_day and shown.channel = measured.channel and shown.kpi = measured.kpi
where shown.value is distinct from measured.value
