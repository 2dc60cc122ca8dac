{#
    Growth over an earlier value: (now - before) / before; null where there was nothing, or less than nothing, to
    grow from.
#}
{% macro growth(now, before) -%}
    case when {{ before }} > 0 then {{ ratio('coalesce(' ~ now ~ ', 0) - ' ~ before, before) }} end
{%- endmacro %}
