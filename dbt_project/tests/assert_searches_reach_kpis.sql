-- Catches searches lost or doubled between fct_ad_search_terms and kpi_brand_search, and a search that is neither the
-- brand's nor another's. Returns the KPI days that differ.
with facts as (
    select date_day, sum(impressions) as impressions, sum(clicks) as clicks, sum(spend) as spend
    from {{ ref('fct_ad_search_terms') }}
    where date_day >= {{ kpi_start() }}
    group by date_day
)

select coalesce(facts.date_day, kpis.date_day) as date_day, facts.impressions, kpis.impressions as told_impressions
from facts
full outer join {{ ref('kpi_brand_search') }} as kpis on facts.date_day = kpis.date_day
where
    coalesce(facts.impressions, 0) is distinct from kpis.impressions
    or coalesce(facts.clicks, 0) is distinct from kpis.clicks
    or coalesce(facts.spend, 0) is distinct from kpis.spend
    or kpis.brand_impressions + kpis.other_impressions <> kpis.impressions
    or kpis.brand_clicks + kpis.other_clicks <> kpis.clicks
    or kpis.brand_spend + kpis.other_spend <> kpis.spend
