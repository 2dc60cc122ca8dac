{#
    A measure's value as tables with one row per measure hold it. Every branch of a union casts to it, since engines
    give a union of decimals the smaller scale and cut the others.
#}
{% macro measure_value(value) -%}
    cast({{ value }} as decimal(38, 10))
{%- endmacro %}

{# The sum of one measure of a table with one row per measure; 0 where there is none. #}
{% macro measure_sum(measure) -%}
    cast(sum(case when measure = '{{ measure }}' then value else 0 end) as decimal(38, 10))
{%- endmacro %}
