{#
    A campaign's place by one KPI among its peers, the campaigns of the same channel on the same day; 1 is the
    highest (`desc`) or the lowest (`asc`). Null where the KPI is null, and for what is no campaign.
#}
{% macro peer_rank(kpi, direction) -%}
    case
        when {{ kpi }} is not null and campaign_id not in ('(none)', '(unallocated)')
            then rank() over (
                partition by
                    date_day, channel, {{ kpi }} is null, campaign_id in ('(none)', '(unallocated)')
                order by {{ kpi }} {{ direction }}
            )
    end
{%- endmacro %}
