{# The day of an instant (a timestamp with time zone) in the reporting zone. #}
{% macro reporting_day(instant) -%}
    {{ local_day(instant, var('reporting_timezone')) }}
{%- endmacro %}

{#
    What the pipeline tells anew each day. It comes by the environment, and only when SQL is made to be run: dbt keeps
    what it parsed for the next build, but parses everything again when a variable of its command line has changed.
    Where the environment says nothing, as for a person, and in a unit test dbt's variable of that name stands.
#}
{% macro told_today(name) -%}
    {%- set is_told = execute and model.resource_type != 'unit_test' -%}
    {%- set today = fromjson(env_var('MART_TODAY', '{}')) if is_told else {} -%}
    {{ return(today[name] if name in today else var(name)) }}
{%- endmacro %}

{# The last day that the mart tells of. #}
{% macro mart_date() -%}
    cast('{{ told_today("mart_date") }}' as date)
{%- endmacro %}

{# The first day of the KPI tables. #}
{% macro kpi_start() -%}
    cast('{{ told_today("kpi_start") }}' as date)
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
