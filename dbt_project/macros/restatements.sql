{# After how many days a metric of a source stands; null where nothing says (var finality). #}
{% macro finality_days(source, metric) -%}
    case
        {%- for name, days in var('finality').items() %}
        when {{ source }} = '{{ name }}' and {{ metric }} in ('spend', 'impressions', 'clicks')
            then {{ 'cast(null as integer)' if days.spend_days is none else days.spend_days }}
        when {{ source }} = '{{ name }}'
            then {{ 'cast(null as integer)' if days.conversions_days is none else days.conversions_days }}
        {%- endfor %}
        else cast(null as integer)
    end
{%- endmacro %}

{#
    What was known at the end of a day (of the reporting zone): one row per source, date_day, metric and currency, with
    the columns of `fct_restatements`. `day` is a date expression: `as_it_was_on("date '2025-06-15'")`.
#}
{% macro as_it_was_on(day) -%}
    (
        select * from {{ ref('fct_restatements') }} as known
        where
            known.is_accepted
            and known.load = (
                select max(later.load) from {{ ref('fct_restatements') }} as later
                where
                    later.source = known.source and later.date_day = known.date_day
                    and later.metric = known.metric and later.currency = known.currency
                    and later.is_accepted
                    and {{ reporting_day('later.loaded_at') }} <= {{ day }}
            )
    )
{%- endmacro %}
