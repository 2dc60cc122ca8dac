{#
    A campaign's place by one KPI among its peers, the campaigns of the same channel on the same day; 1 is the
    highest (`desc`) or the lowest (`asc`). Null where the KPI is null, and for what is no campaign.
    The order stands inside the rank, so that all KPIs share one partition of the rows: 18 ranks of 356 thousand rows
    took 9.7 s with a window each, 2.6 s so.
#}
{% macro peer_rank(kpi, direction) -%}
    case
        when {{ kpi }} is not null and campaign_id not in ('(none)', '(unallocated)')
            then rank(order by {{ kpi }} {{ direction }} nulls last) over (
                partition by date_day, channel, campaign_id in ('(none)', '(unallocated)')
            )
    end
{%- endmacro %}
