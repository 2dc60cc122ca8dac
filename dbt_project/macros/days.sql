{# The day of an instant (a timestamp with time zone) in the reporting zone. #}
{% macro reporting_day(instant) -%}
    {{ local_day(instant, var('reporting_timezone')) }}
{%- endmacro %}

{# The last day that the mart tells of. #}
{% macro mart_date() -%}
    cast('{{ var("mart_date") }}' as date)
{%- endmacro %}

{# The first day of the KPI tables. #}
{% macro kpi_start() -%}
    cast('{{ var("kpi_start") }}' as date)
{%- endmacro %}

{# The Monday of a day's ISO week. #}
{% macro week_start(day) -%}
    cast(date_trunc('week', {{ day }}) as date)
{%- endmacro %}

{# Whether an instant lies in the days that the mart tells of: one comparison, where `reporting_day` works out a day. #}
{% macro up_to_mart_date(instant) -%}
    {{ instant }} < {{ day_start(days_after(mart_date(), 1), var('reporting_timezone')) }}
{%- endmacro %}

{# The instant at which a day ends in the reporting zone. #}
{% macro end_of_day(day) -%}
    {{ day_start(days_after(day, 1), var('reporting_timezone')) }}
{%- endmacro %}

{# Calendar months from the month of one day to that of another. #}
{% macro months_between(first, last) -%}
    (12 * (extract(year from {{ last }}) - extract(year from {{ first }}))
    + extract(month from {{ last }}) - extract(month from {{ first }}))
{%- endmacro %}
