{# The sum of one measure of a table with one row per measure; 0 where there is none. #}
{% macro measure_sum(measure) -%}
    cast(sum(case when measure = '{{ measure }}' then value else 0 end) as decimal(38, 10))
{%- endmacro %}
